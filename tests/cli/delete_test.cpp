// SPDX-License-Identifier: LGPL-2.1-only
#include "cli/cli.hpp"

namespace xlsnap {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

TEST_F(Cli, DeletesByEveryNameOfTheVerb) {
    for (const Words &words : {Words{"delete", "guest", "s1"},
                               {"delete", "-n", "s1", "guest"},
                               {"snapshot-delete", "-n", "s1", "guest"}})
        EXPECT_EQ(call_of(words), "snapshot_delete guest s1\n");
}

TEST_F(Cli, DeleteHandsOverItsOptions) {
    EXPECT_EQ(call_of({"delete", "--children", "--merge", "--force", "guest", "s1"}),
              "snapshot_delete guest s1 force children merge\n");
    EXPECT_EQ(call_of({"delete", "--children-only", "--discard", "--dry-run", "guest", "s1"}),
              "snapshot_delete guest s1 dry_run children_only discard\n");
    EXPECT_EQ(call_of({"delete", "--metadata-only", "guest", "s1"}),
              "snapshot_delete guest s1 metadata_only\n");
}

TEST_F(Cli, DeleteSaysWhatIsGone) {
    EXPECT_EQ(run({"delete", "guest", "s1"}).output, "guest: snapshot s1 deleted\n");
    EXPECT_EQ(run({"delete", "--children", "guest", "s1"}).output,
              "guest: snapshot s1 and all that descends from it deleted\n");
    EXPECT_EQ(run({"delete", "--children-only", "guest", "s1"}).output,
              "guest: all that descends from snapshot s1 deleted\n");
    EXPECT_EQ(run({"delete", "--metadata-only", "guest", "s1"}).output,
              "guest: the record of snapshot s1 deleted\n");
}

TEST_F(Cli, DeleteTellsThePlanOfADryRun) {
    let_fake("FAKE_PLAN=remove the tag\nremove the record");
    EXPECT_EQ(run({"delete", "--dry-run", "guest", "s1"}).output,
              "remove the tag\nremove the record\n");
}

TEST_F(Cli, DeleteFailsWithTheReasonOfTheLibrary) {
    let_fake("FAKE_RC=-5");
    let_fake("FAKE_ERROR=snapshot s1 is protected; see xlsnap protect --off");
    const auto outcome = run({"delete", "guest", "s1"});
    EXPECT_EQ(outcome.exit_status, kFailure);
    EXPECT_EQ(outcome.errors, "xlsnap: snapshot s1 is protected; see xlsnap protect --off\n");
    EXPECT_THAT(outcome.output, IsEmpty());
}

class CliPrune : public Cli {
  protected:
    CliPrune() {
        let_fake("FAKE_SNAPSHOTS=a||1000|1048576||\n"
                 "b|a|2000|2097152|p|\n"
                 "c|b|3000|3145728||\n"
                 "d|c|4000|4194304|c|");
    }
};

TEST_F(CliPrune, DeletesAllButTheNewestAndSaysWhatWasFreed) {
    const auto outcome = run({"prune", "--keep", "1", "guest"});
    EXPECT_EQ(outcome.exit_status, kSuccess) << outcome.errors;
    EXPECT_EQ(calls(),
              "list guest from=- filter=0x0\n"
              "snapshot_delete guest c not_current\nsnapshot_delete guest a not_current\n");
    EXPECT_EQ(outcome.output, "guest: snapshot c deleted\nguest: snapshot a deleted\n"
                              "guest: 2 snapshots deleted, 4 MiB of memory images freed\n");
}

TEST_F(CliPrune, DeletesWhatIsOlder) {
    EXPECT_EQ(call_of({"prune", "--older-than", "30d", "--keep", "3", "guest"}),
              "list guest from=- filter=0x0\nsnapshot_delete guest a not_current\n");
}

TEST_F(CliPrune, TouchesNothingInADryRun) {
    const auto outcome = run({"prune", "--keep", "1", "--dry-run", "guest"});
    EXPECT_EQ(calls(), "list guest from=- filter=0x0\n"
                       "snapshot_delete guest c dry_run not_current\n"
                       "snapshot_delete guest a dry_run not_current\n");
}

// The plan of a delete is for a tree of which nothing is gone.
TEST_F(CliPrune, TellsInADryRunWhichWouldGoAndNothingElse) {
    let_fake("FAKE_PLAN=delete snapshot 'c'\nmake 'd' a child of 'b'");
    EXPECT_EQ(run({"prune", "--keep", "1", "--dry-run", "guest"}).output,
              "delete snapshot 'c'\ndelete snapshot 'a'\n"
              "guest: 2 snapshots would be deleted, 4 MiB of memory images with them\n");
}

TEST_F(CliPrune, RefusesADryRunOfWhatWouldBeRefused) {
    let_fake("FAKE_RC=-3");
    let_fake("FAKE_ERROR=the image is in use");
    const auto outcome = run({"prune", "--keep", "1", "--dry-run", "guest"});
    EXPECT_EQ(outcome.exit_status, kFailure);
    EXPECT_EQ(outcome.errors, "xlsnap: the image is in use\n");
}

TEST_F(CliPrune, LeavesWhatChangedSinceItWasListed) {
    let_fake("FAKE_SNAPSHOTS=a||1000|1||\nb||2000|1||\nc||3000|1||\nd||4000|1||\ne||5000|1||");
    let_fake("FAKE_MEANWHILE=a||1000|1|c|\nb||2000|1|p|\nc||6000|1||\ne||5000|1||");
    const auto outcome = run({"prune", "--keep", "0", "guest"});
    EXPECT_EQ(outcome.exit_status, kSuccess);
    EXPECT_EQ(calls(), "list guest from=- filter=0x0\nsnapshot_delete guest e not_current\n");
    EXPECT_THAT(outcome.errors,
                AllOf(HasSubstr("xlsnap: guest: snapshot a is the current one now and stays\n"),
                      HasSubstr("xlsnap: guest: snapshot b is protected now and stays\n"),
                      HasSubstr("xlsnap: guest: snapshot c was made anew and stays\n"),
                      HasSubstr("xlsnap: guest: snapshot d is gone already\n")));
    EXPECT_EQ(outcome.output, "guest: snapshot e deleted\n"
                              "guest: 1 snapshot deleted, 1 B of memory images freed\n");
}

TEST_F(CliPrune, LeavesWhatChangedAtTheLastMoment) {
    let_fake("FAKE_SNAPSHOTS=a||1000|1||\nb||2000|1||\nc||3000|1||\nd||4000|1||");
    let_fake("FAKE_AT_LAST=a||1000|1||\nb||2000|1|p|\nc||3000|1|c|");
    const auto outcome = run({"prune", "--keep", "0", "guest"});
    EXPECT_EQ(outcome.exit_status, kSuccess);
    EXPECT_THAT(outcome.errors,
                AllOf(HasSubstr("xlsnap: guest: snapshot d is gone already\n"),
                      HasSubstr("xlsnap: guest: snapshot c is the current one now and stays\n"),
                      HasSubstr("xlsnap: guest: snapshot b is protected now and stays\n")));
    EXPECT_EQ(outcome.output, "guest: snapshot a deleted\n"
                              "guest: 1 snapshot deleted, 1 B of memory images freed\n");
}

// Nothing but the deletion itself has the lock.
TEST_F(CliPrune, LetsTheLibraryRefuseTheCurrentSnapshot) {
    let_fake("FAKE_SNAPSHOTS=a||1000|1||");
    let_fake("FAKE_AT_LAST=a||1000|1|c|");
    EXPECT_EQ(run({"prune", "--keep", "0", "guest"}).output, "guest: nothing to prune\n");
    EXPECT_EQ(calls(), "list guest from=- filter=0x0\nsnapshot_delete guest a not_current\n");
}

TEST_F(CliPrune, SaysWhenThereIsNothingToDo) {
    EXPECT_EQ(run({"prune", "--keep", "9", "guest"}).output, "guest: nothing to prune\n");
    EXPECT_EQ(run({"prune", "--keep", "9", "--json", "guest"}).output, "[]\n");
}

TEST_F(CliPrune, PrintsWhatItDeletedAsJson) {
    const auto outcome = run({"prune", "--keep", "3", "--json", "guest"});
    EXPECT_THAT(outcome.output, StartsWith("["));
    EXPECT_THAT(outcome.output, HasSubstr(R"("name":"a")"));
}

TEST_F(CliPrune, StopsAtTheFirstFailure) {
    let_fake("FAKE_RC=-3");
    let_fake("FAKE_ERROR=the disk is full");
    const auto outcome = run({"prune", "--keep", "1", "guest"});
    EXPECT_EQ(outcome.exit_status, kFailure);
    EXPECT_EQ(outcome.errors, "xlsnap: the disk is full\n");
    EXPECT_EQ(calls(), "list guest from=- filter=0x0\nsnapshot_delete guest c not_current\n");
    EXPECT_EQ(outcome.output, "");
    EXPECT_EQ(run({"prune", "--json", "--keep", "1", "guest"}).output, "[]\n")
        << "JSON is whole, whatever happens";
}

} // namespace
} // namespace xlsnap
