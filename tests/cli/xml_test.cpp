// SPDX-License-Identifier: LGPL-2.1-only
#include "cli/cli.hpp"

namespace xlsnap {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class CliXml : public Cli {
  protected:
    const std::string xml_ = file("s1.xml", "<domainsnapshot/>");
};

TEST_F(CliXml, PrintsASnapshotAsXml) {
    let_fake("FAKE_SNAPSHOTS=s1||1|5|c|");
    const std::string expected = "<domainsnapshot><name>s1</name></domainsnapshot>\n";
    EXPECT_EQ(run({"dumpxml", "guest", "s1"}).output, expected);
    EXPECT_EQ(run({"dumpxml", "guest"}).output, expected);
}

TEST_F(CliXml, ImportsIntoTheDomainThatIsNamedByTheFileOrByUs) {
    EXPECT_EQ(call_of({"import-xml", xml_, "guest"}), "xml=<domainsnapshot/> import guest -\n");
    EXPECT_EQ(call_of({"import-xml", xml_}), "xml=<domainsnapshot/> import - -\n");
    EXPECT_EQ(run({"import-xml", xml_, "guest"}).output,
              "guest: the snapshot of " + xml_ + " is known now\n");
}

TEST_F(CliXml, TellsThePlanOfAnImport) {
    let_fake("FAKE_PLAN=write the record");
    EXPECT_EQ(run({"import-xml", "--dry-run", xml_, "guest"}).output, "write the record\n");
    EXPECT_THAT(calls(), HasSubstr("import guest - dry_run\n"));
}

TEST_F(CliXml, ChecksAFileWithoutAnImport) {
    EXPECT_EQ(run({"import-xml", "--check", xml_}).output, xml_ + ": acceptable\n");
    EXPECT_EQ(calls(), "xml=<domainsnapshot/> import - - dry_run\n");
    let_fake("FAKE_RC=-6");
    let_fake("FAKE_ERROR=line 3: there is no disk 'vdz'");
    const auto refused = run({"import-xml", "--check", xml_});
    EXPECT_EQ(refused.exit_status, kFailure);
    EXPECT_EQ(refused.errors, "xlsnap: line 3: there is no disk 'vdz'\n");
}

TEST_F(CliXml, SaysByItsStatusAloneWhetherAFileIsAcceptable) {
    const auto accepted = run({"import-xml", "--check", "--quiet", xml_});
    EXPECT_EQ(accepted.exit_status, kSuccess);
    EXPECT_THAT(accepted.output + accepted.errors, IsEmpty());
    let_fake("FAKE_RC=-6");
    const auto refused = run({"import-xml", "--check", "--quiet", xml_});
    EXPECT_EQ(refused.exit_status, kFailure);
    EXPECT_THAT(refused.output + refused.errors, IsEmpty());
}

TEST_F(CliXml, FailsForAFileThatIsNotThere) {
    const auto outcome = run({"import-xml", directory_ / "none.xml"});
    EXPECT_EQ(outcome.exit_status, kFailure);
    EXPECT_THAT(outcome.errors, HasSubstr("none.xml"));
    EXPECT_THAT(calls(), IsEmpty());
}

} // namespace
} // namespace xlsnap
