// SPDX-License-Identifier: LGPL-2.1-only
#include "cli/cli.hpp"

namespace xlsnap {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

struct Change {
    std::string name;
    Words arguments;
    std::string call;
    std::string told;
};

class CliChange : public Cli, public testing::WithParamInterface<Change> {};

TEST_P(CliChange, ReachesTheLibraryAndSaysWhatIsDone) {
    const auto outcome = run(GetParam().arguments);
    EXPECT_EQ(outcome.exit_status, kSuccess) << outcome.errors;
    EXPECT_EQ(calls(), GetParam().call + "\n");
    EXPECT_EQ(outcome.output, "guest: " + GetParam().told + "\n");
}

TEST_P(CliChange, TellsThePlanOfADryRun) {
    let_fake("FAKE_PLAN=write the record");
    Words arguments = GetParam().arguments;
    arguments.emplace_back("--dry-run");
    EXPECT_EQ(run(arguments).output, "write the record\n");
    EXPECT_EQ(calls(), GetParam().call + " dry_run\n");
}

TEST_P(CliChange, FailsInOneLine) {
    let_fake("FAKE_RC=-5");
    let_fake("FAKE_ERROR=there is no snapshot 's1'");
    const auto outcome = run(GetParam().arguments);
    EXPECT_EQ(outcome.exit_status, kFailure);
    EXPECT_EQ(outcome.errors, "xlsnap: there is no snapshot 's1'\n");
    EXPECT_THAT(outcome.output, IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Of, CliChange,
                         testing::Values(Change{"Name",
                                                {"rename", "guest", "s1", "s2"},
                                                "to=s2 rename guest s1",
                                                "snapshot s1 is called s2 now"},
                                         Change{"NameByOption",
                                                {"rename", "-n", "s1", "guest", "s2"},
                                                "to=s2 rename guest s1",
                                                "snapshot s1 is called s2 now"},
                                         Change{"Description",
                                                {"describe", "guest", "s1", "a base"},
                                                "text=a base describe guest s1",
                                                "snapshot s1 is described"},
                                         Change{"NoDescription",
                                                {"describe", "guest", "s1", ""},
                                                "text= describe guest s1",
                                                "snapshot s1 has no description any more"},
                                         Change{"Protection",
                                                {"protect", "guest", "s1"},
                                                "protected=1 protect guest s1",
                                                "snapshot s1 is protected"},
                                         Change{"NoProtection",
                                                {"protect", "--off", "guest", "s1"},
                                                "protected=0 protect guest s1",
                                                "snapshot s1 is no longer protected"},
                                         Change{"Current",
                                                {"current", "guest", "s1"},
                                                "set_current guest s1",
                                                "snapshot s1 is the current one"},
                                         Change{"NoCurrent",
                                                {"current", "--none", "guest"},
                                                "deactivate guest -",
                                                "no snapshot is current any more"},
                                         Change{"LostRecords",
                                                {"rebuild", "guest"},
                                                "rebuild guest -",
                                                "records written again: 3"}),
                         [](const auto &test) { return test.param.name; });

TEST_F(Cli, ShowsTheCurrentSnapshot) {
    let_fake("FAKE_SNAPSHOTS=s1||1|5||\ns2|s1|2|5|c|");
    EXPECT_EQ(run({"current", "guest"}).output, "s2\n");
    EXPECT_THAT(run({"current", "--json", "guest"}).output, StartsWith(R"({"name":"s2",)"));
    EXPECT_THAT(calls(), IsEmpty());
}

TEST_F(Cli, SaysThatThereIsNoCurrentSnapshot) {
    const auto outcome = run({"current", "guest"});
    EXPECT_EQ(outcome.exit_status, kFailure);
    EXPECT_EQ(outcome.errors, "xlsnap: guest has no current snapshot\n");
}

TEST_F(Cli, VerifiesOneSnapshotOrAll) {
    let_fake("FAKE_SNAPSHOTS=s1||1|5||\ns2|s1|2|5||\ns3||||b|");
    EXPECT_EQ(call_of({"verify", "guest", "s1"}), "verify guest s1\n");
    EXPECT_EQ(run({"verify", "guest", "s1"}).output, "guest: snapshot s1 is whole\n");
    let_fake("FAKE_FLAWED=s2");
    const auto outcome = run({"verify", "guest"});
    EXPECT_EQ(outcome.exit_status, kFailure);
    EXPECT_EQ(outcome.output, "guest: snapshot s1 is whole\n");
    EXPECT_EQ(outcome.errors, "xlsnap: its memory image is gone\n"
                              "xlsnap: the record of snapshot s3 is broken: its checksum is wrong; "
                              "see xlsnap rebuild\n");
}

TEST_F(Cli, VerifyPutsFlawsIntoJson) {
    let_fake("FAKE_SNAPSHOTS=s1||1|5||\ns2|s1|2|5||");
    let_fake("FAKE_FLAWED=s2");
    const auto outcome = run({"verify", "--json", "guest"});
    EXPECT_EQ(outcome.exit_status, kFailure);
    EXPECT_THAT(outcome.output, HasSubstr(R"("broken":null)"));
    EXPECT_THAT(outcome.output, HasSubstr(R"("broken":"its memory image is gone")"));
    EXPECT_THAT(outcome.errors, IsEmpty());
}

} // namespace
} // namespace xlsnap
