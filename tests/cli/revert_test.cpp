// SPDX-License-Identifier: LGPL-2.1-only
#include "cli/cli.hpp"

namespace xlsnap {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST_F(Cli, RevertsByEveryNameOfTheVerb) {
    for (const Words &words : {Words{"revert", "guest", "s1"},
                               {"revert", "-n", "s1", "7"},
                               {"snapshot-revert", "-n", "s1", "guest"}})
        EXPECT_EQ(call_of(words), "snapshot_revert guest s1\n");
}

TEST_F(Cli, RevertHandsOverItsOptions) {
    EXPECT_EQ(call_of({"revert", "--paused", "--force", "--keep-current", "guest", "s1"}),
              "snapshot_revert guest s1 force paused keep_current\n");
    EXPECT_EQ(call_of({"revert", "--running", "guest", "s1"}),
              "snapshot_revert guest s1 running\n");
    EXPECT_EQ(call_of({"revert", "--dry-run", "guest", "s1"}),
              "snapshot_revert guest s1 dry_run\n");
}

TEST_F(Cli, RevertSaysWhereTheDomainIsNow) {
    EXPECT_EQ(run({"revert", "guest", "s1"}).output,
              "guest: reverted to snapshot s1; its domid is 8 now\n");
    EXPECT_EQ(run({"revert", "down", "s1"}).output,
              "down: reverted to snapshot s1; it does not run\n");
    EXPECT_EQ(run({"revert", "--json", "guest", "s1"}).output, "{\"domid\": 8}\n");
}

TEST_F(Cli, WhatGivesADomainOtherImagesTellsWhichConfigurationsAreStale) {
    let_fake("FAKE_MOVED=/images/a.s1.2.qcow2");
    let_fake("FAKE_SNAPSHOTS=s1||1000|1||");
    const std::string which = ": disk xvda is now /images/a.s1.2.qcow2 (qcow2); an xl.cfg that "
                              "names /images/a.s1.qcow2 is stale\n";
    for (const Words &words : {Words{"revert", "guest", "s1"},
                               {"delete", "guest", "s1"},
                               {"prune", "--keep", "0", "guest"}})
        EXPECT_EQ(run(words).errors, "xlsnap: guest" + which +
                                         "xlsnap: guest: run xlsnap config --rewrite XL.CFG before "
                                         "xl starts the domain from that file again\n")
            << words.front();
    EXPECT_THAT(run({"start", "down"}).errors, HasSubstr("down" + which));
    EXPECT_THAT(run({"revert", "--dry-run", "guest", "s1"}).errors, IsEmpty());
}

TEST_F(Cli, ARevertThatFailsTellsWhichConfigurationsAreStaleAllTheSame) {
    let_fake("FAKE_MOVED=/images/a.s1.2.qcow2");
    let_fake("FAKE_REVERT_FAILS=1");
    let_fake("FAKE_ERROR=the domain was started again");
    const auto outcome = run({"revert", "guest", "s1"});
    EXPECT_EQ(outcome.exit_status, kFailure);
    EXPECT_THAT(outcome.errors, HasSubstr("disk xvda is now /images/a.s1.2.qcow2"));
    EXPECT_THAT(outcome.errors, HasSubstr("the domain was started again"));
}

TEST_F(Cli, RevertTellsThePlanOfADryRun) {
    let_fake("FAKE_PLAN=destroy the domain\n");
    EXPECT_EQ(run({"revert", "--dry-run", "guest", "s1"}).output, "destroy the domain\n");
}

TEST_F(Cli, RevertFailsWithTheReasonOfTheLibrary) {
    let_fake("FAKE_RC=-5");
    let_fake("FAKE_ERROR=the memory image is gone");
    const auto outcome = run({"revert", "guest", "s1"});
    EXPECT_EQ(outcome.exit_status, kFailure);
    EXPECT_EQ(outcome.errors, "xlsnap: the memory image is gone\n");
    EXPECT_THAT(outcome.output, IsEmpty());
}

TEST_F(Cli, RevertsToWhatAnInformationFileDescribes) {
    let_fake("FAKE_SNAPSHOTS=s1||1397207577|5||");
    const std::string path = file("s1.cfg", "name=\"s1\"\ncreationtime=\"1397207577\"\n");
    EXPECT_EQ(call_of({"revert", path, "guest"}), "snapshot_revert guest s1\n");
    const auto doubtful = run({"revert", path});
    EXPECT_EQ(doubtful.exit_status, kFailure);
    EXPECT_THAT(doubtful.errors, HasSubstr("name the domain"));
    let_fake("FAKE_ONE_DOMAIN=1");
    EXPECT_EQ(call_of({"revert", path}), "snapshot_revert down s1\n");
}

TEST_F(Cli, RevertPassesOverRecordsThatCannotBeUsed) {
    let_fake("FAKE_SNAPSHOTS=s1||1397207577|5||");
    let_fake("FAKE_BROKEN_IN=down");
    const std::string path = file("s1.cfg", "name=\"s1\"\ncreationtime=\"1397207577\"\n");
    const auto outcome = run({"revert", path});
    EXPECT_EQ(outcome.exit_status, kSuccess);
    EXPECT_EQ(calls(), "snapshot_revert guest s1\n");
    EXPECT_EQ(outcome.errors, "xlsnap: down: its record cannot be used\n");
}

TEST_F(Cli, RevertRefusesAnInformationFileOfAnotherSnapshotOfThatName) {
    let_fake("FAKE_SNAPSHOTS=s1||1397207577|5||");
    const std::string path = file("s1.cfg", "name=\"s1\"\ncreationtime=\"4\"\n");
    EXPECT_THAT(run({"revert", path, "guest"}).errors, HasSubstr("creationtime"));
    EXPECT_THAT(run({"revert", path}).errors, HasSubstr("no domain has such a snapshot"));
    EXPECT_THAT(run({"revert", file("s2.cfg", "type=\"internal\"\n")}).errors,
                HasSubstr("add name="));
    EXPECT_THAT(calls(), IsEmpty());
}

TEST_F(Cli, StartsFromTheLastStateOrFromASnapshot) {
    EXPECT_EQ(call_of({"start", "down"}), "snapshot_start down -\n");
    EXPECT_EQ(call_of({"start", "-n", "s1", "--paused", "down"}),
              "snapshot_start down s1 paused\n");
    EXPECT_EQ(call_of({"start", "--running", "--dry-run", "down"}),
              "snapshot_start down - dry_run running\n");
    EXPECT_EQ(call_of({"start", "--force", "down", "s1"}), "snapshot_start down s1 force\n");
    for (const char *verb : {"start-with-snapshot", "create-with-snapshot"})
        EXPECT_EQ(call_of({verb, "down", "s1"}), "snapshot_start down s1\n");
}

TEST_F(Cli, StartSaysFromWhatAndWhere) {
    EXPECT_EQ(run({"start", "down"}).output,
              "down: started from the state that it was in last; its domid is 8 now\n");
    EXPECT_EQ(run({"start", "down", "s1"}).output,
              "down: started from snapshot s1; its domid is 8 now\n");
    EXPECT_EQ(run({"start", "--json", "down"}).output, "{\"domid\": 8}\n");
}

} // namespace
} // namespace xlsnap
