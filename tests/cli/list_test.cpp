// SPDX-License-Identifier: LGPL-2.1-only
#include "base/json.hpp"
#include "cli/cli.hpp"

namespace xlsnap {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

class CliViews : public Cli {
  protected:
    CliViews() {
        let_fake("TZ=UTC");
        let_fake("LC_ALL=C.UTF-8");
        let_fake("FAKE_SNAPSHOTS=s1||1397207577|536870912|p|a base\n"
                 "s2|s1|1397307577|1000|c|\n"
                 "s3|s1|1397407577|5|d|\n"
                 "s4||||b|");
    }
};

TEST_F(CliViews, ListsInAlignedColumns) {
    EXPECT_EQ(run({"list", "guest"}).output,
              "   NAME  CREATED              STATE     MEMORY  DESCRIPTION\n"
              "p  s1    2014-04-11 09:12:57  running  512 MiB  a base\n"
              "*  s2    2014-04-12 12:59:37  running   1000 B\n"
              "   s3    2014-04-13 16:46:17  running        -\n"
              "   s4                         broken            its checksum is wrong\n");
}

TEST_F(CliViews, ListsMoreWhenAsked) {
    const auto outcome = run({"snapshot-list", "-l", "guest"});
    EXPECT_THAT(outcome.output,
                HasSubstr("*  s2    2014-04-12 12:59:37  running  s1      memory and disks"));
    EXPECT_THAT(outcome.output, HasSubstr("disks, crash-consistent  xvda"));
    EXPECT_EQ(outcome.output, run({"list", "--long", "guest"}).output);
}

TEST_F(CliViews, MeasuresWhatALongListShows) {
    EXPECT_THAT(run({"list", "-l", "guest"}).output,
                AllOf(HasSubstr("  MEMORY   HELD  FREES  DESCRIPTION\n"),
                      HasSubstr("512 MiB  3 MiB  1 MiB  a base\n")));
    EXPECT_THAT(run({"list", "-l", "--json", "guest", "s1"}).output,
                HasSubstr(R"("held":3145728,"freed":1048576})"));
    EXPECT_THAT(run({"list", "guest"}).output, Not(HasSubstr("HELD")));
    EXPECT_THAT(run({"list", "--json", "guest"}).output, Not(HasSubstr("held")));
}

TEST_F(CliViews, MeasuresAllSnapshotsOfADomainAtOnce) {
    let_fake("FAKE_SNAPSHOTS=a||1000|1||\nb||2000|1|b|\nc||3000|1||");
    const auto outcome = run({"list", "-l", "guest"});
    EXPECT_EQ(calls(), "list guest from=- filter=0x0\nusage guest a c\n");
}

TEST_F(CliViews, SaysOnceWhatCannotBeMeasured) {
    let_fake("FAKE_UNREAD=/images/a.qcow2: it is gone");
    const auto outcome = run({"list", "-l", "guest"});
    EXPECT_EQ(outcome.exit_status, kSuccess);
    EXPECT_THAT(outcome.output, HasSubstr("512 MiB     ?      ?  a base\n"));
    EXPECT_EQ(outcome.errors, "xlsnap: guest: /images/a.qcow2: it is gone\n");
    EXPECT_THAT(run({"list", "-l", "--json", "guest"}).output,
                HasSubstr(R"("held":null,"freed":null)"));
}

TEST_F(CliViews, ListsAllDomains) {
    const auto outcome = run({"list"});
    EXPECT_THAT(outcome.output, AllOf(HasSubstr("DOMAIN"), HasSubstr("\np  down    s1"),
                                      HasSubstr("\np  guest   s1")));
    EXPECT_THAT(calls(), StartsWith("list down from=- filter=0x0\nlist guest "));
}

TEST_F(CliViews, ListsOneSnapshot) {
    for (const Words &words : {Words{"list", "guest", "s2"}, {"list", "-n", "s2", "guest"}}) {
        const auto outcome = run(words);
        EXPECT_THAT(outcome.output, HasSubstr("s2"));
        EXPECT_THAT(outcome.output, Not(HasSubstr("s1")));
    }
    EXPECT_EQ(run({"list", "guest", "s9"}).errors, "xlsnap: there is no such snapshot\n");
}

TEST_F(CliViews, PrintsNothingWhenThereIsNothing) {
    let_fake("FAKE_SNAPSHOTS=");
    EXPECT_THAT(run({"list", "guest"}).output, IsEmpty());
    EXPECT_EQ(run({"list", "--json", "guest"}).output, "[]\n");
    EXPECT_EQ(run({"list", "--json"}).output, "[]\n");
}

TEST_F(CliViews, ListsNamesForPrograms) {
    EXPECT_EQ(run({"list", "--names"}).output, "down\nguest\n");
    EXPECT_EQ(run({"list", "--names", "guest"}).output, "s1\ns2\ns3\ns4\n");
    EXPECT_EQ(run({"list", "--names", "guest", "s1"}).exit_status, kUsageError);
}

TEST_F(CliViews, HandsOverFilters) {
    EXPECT_EQ(call_of({"list", "--roots", "--leaves", "--no-leaves", "--active", "guest"}),
              "list guest from=- filter=0x1d\n");
    EXPECT_EQ(call_of({"list", "--inactive", "--disk-only", "--internal", "--external",
                       "--topological", "guest"}),
              "list guest from=- filter=0x3e0\n");
    EXPECT_EQ(call_of({"list", "--from", "s1", "guest"}), "list guest from=s1 filter=0x0\n");
    EXPECT_EQ(call_of({"list", "--from", "s1", "--descendants", "guest"}),
              "list guest from=s1 filter=0x2\n");
}

TEST_F(CliViews, ListsAsJson) {
    const auto outcome = run({"list", "--json", "guest"});
    EXPECT_THAT(outcome.output, StartsWith("["));
    EXPECT_THAT(outcome.output, HasSubstr(R"("creation_time":"2014-04-11T09:12:57Z")"));
    EXPECT_THAT(run({"list", "--json", "guest", "s2"}).output,
                AllOf(StartsWith("["), HasSubstr(R"("name":"s2")"), EndsWith("]\n")));
}

TEST_F(CliViews, TellsAsJsonWhoseABrokenRecordIs) {
    let_fake("FAKE_SNAPSHOTS=s4||||b|");
    const auto outcome = run({"list", "--json"});
    for (const char *domain : {"\"domain_name\":\"down\"", "\"domain_name\":\"guest\"",
                               "\"domain_uuid\":\"11111111-2222-3333-4444-555555555555\""})
        EXPECT_THAT(outcome.output, HasSubstr(domain));
}

TEST_F(CliViews, EverythingThatIsPrintedAsJsonIsJson) {
    for (const Words &words : {Words{"list"},
                               {"list", "guest"},
                               {"list", "guest", "s1"},
                               {"tree"},
                               {"tree", "guest"},
                               {"info", "guest"},
                               {"info", "guest", "s4"},
                               {"current", "guest"},
                               {"verify", "guest"},
                               {"create", "guest"},
                               {"revert", "guest", "s1"},
                               {"start", "down"},
                               {"prune", "--keep", "0", "guest"}}) {
        Words arguments = words;
        arguments.emplace_back("--json");
        const auto outcome = run(arguments);
        EXPECT_TRUE(parse_json(outcome.output)) << words.front() << ": " << outcome.output;
        EXPECT_THAT(outcome.errors, IsEmpty()) << words.front();
    }
}

TEST_F(CliViews, DrawsATree) {
    EXPECT_EQ(run({"tree", "guest"}).output, "s1  2014-04-11 09:12:57  a base\n"
                                             "├─ s2 (current)  2014-04-12 12:59:37\n"
                                             "└─ s3  2014-04-13 16:46:17\n"
                                             "s4  broken: its checksum is wrong\n");
    EXPECT_THAT(run({"tree"}).output, AllOf(StartsWith("down:\n"), HasSubstr("\nguest:\n")));
    EXPECT_THAT(run({"tree", "--json", "guest"}).output, HasSubstr(R"("parent":"s1")"));
}

TEST_F(CliViews, ShowsAllOfASnapshot) {
    const auto outcome = run({"info", "guest", "s1"});
    EXPECT_THAT(outcome.output,
                AllOf(HasSubstr("Name          s1\n"), HasSubstr("512 MiB\n"),
                      HasSubstr("Description   a base\n"), HasSubstr("Protected     yes\n"),
                      HasSubstr("tag xlsnap.1 in /images/a.qcow2 (qcow2), 1 GiB")));
    EXPECT_THAT(outcome.output,
                AllOf(HasSubstr("Held          3 MiB\n"), HasSubstr("Frees         1 MiB\n")));
    EXPECT_THAT(run({"info", "--json", "guest", "s1"}).output,
                AllOf(StartsWith(R"({"name":"s1")"), HasSubstr(R"("held":3145728)")));
}

TEST_F(CliViews, ShowsTheCurrentSnapshotWhenNoneIsNamed) {
    EXPECT_THAT(run({"info", "guest"}).output, StartsWith("Name          s2\n"));
    let_fake("FAKE_SNAPSHOTS=s1||1|5||");
    EXPECT_EQ(run({"info", "guest"}).errors, "xlsnap: guest has no current snapshot; name one\n");
}

TEST_F(CliViews, SaysThatADomainWasFoundByItsName) {
    EXPECT_THAT(run({"info", "guest"}).output, HasSubstr("Domain        guest\n"));
    let_fake("FAKE_BY_NAME=1");
    EXPECT_THAT(run({"info", "guest"}).output,
                HasSubstr("guest, found by its name and its disks\n"));
}

TEST_F(CliViews, PrintsAnInformationFileThatCreateTakes) {
    const auto printed = run({"info", "--config", "guest", "s3"});
    ASSERT_EQ(printed.exit_status, kSuccess) << printed.errors;
    EXPECT_EQ(call_of({"create", file("s3.cfg", printed.output), "guest"}),
              "snapshot_create guest domid=7 s3 disk_only xvda=internal\n");
    EXPECT_EQ(call_of({"revert", directory_ / "s3.cfg", "guest"}), "snapshot_revert guest s3\n");
    const auto with_memory = run({"info", "--config", "guest", "s1"});
    EXPECT_THAT(with_memory.output, HasSubstr("save="));
    EXPECT_EQ(call_of({"create", file("s1.cfg", with_memory.output), "-n", "s5", "guest"}),
              "snapshot_create guest domid=7 s5 description=a base xvda=internal\n");
}

TEST_F(CliViews, PrintsTheConfigurationOfTheDomain) {
    EXPECT_EQ(run({"config", "guest", "s1"}).output, "{\"c_info\": {\"name\": \"guest\"}}\n");
    EXPECT_EQ(run({"config", "guest"}).output, "{\"c_info\": {\"name\": \"guest\"}}\n");
    EXPECT_EQ(run({"config", "guest", "s4"}).exit_status, kFailure);
}

TEST_F(CliViews, FailsForADomainThatNobodyKnows) {
    for (const char *verb : {"list", "tree", "info", "config", "verify", "dumpxml", "current"}) {
        const auto outcome = run({verb, "nobody"});
        EXPECT_EQ(outcome.exit_status, kFailure) << verb;
        EXPECT_EQ(outcome.errors, "xlsnap: no such domain is known here\n");
    }
}

} // namespace
} // namespace xlsnap
