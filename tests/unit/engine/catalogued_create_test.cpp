// SPDX-License-Identifier: LGPL-2.1-only
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/catalogued_host.hpp"

namespace xlsnap::test {

namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TEST(CataloguedCreate, RecordsMemoryAndAllWritableDisks) {
    CataloguedHost host;
    const SnapshotRecord made = host.create("first", {.description = "after installation"});
    EXPECT_EQ(host.record("first"), made);
    EXPECT_EQ(made.description, "after installation");
    EXPECT_EQ(made.creation_time, CataloguedHost::kNow);
    EXPECT_EQ(made.state, SnapshotState::Running);
    EXPECT_EQ(made.domain_name, "g1");
    EXPECT_EQ(made.domain_uuid, CataloguedHost::kKey);
    EXPECT_EQ(made.program_version, "9.9");
    EXPECT_FALSE(made.crash_consistent);
    ASSERT_TRUE(made.memory);
    EXPECT_EQ(host.memory_store.fingerprint(made.memory->path)->sha256, made.memory->sha256);
    ASSERT_EQ(made.disks.size(), 2U);
    for (const DiskRecord &disk : made.disks) {
        EXPECT_EQ(disk.kind, DiskSnapshotKind::Internal);
        EXPECT_THAT(host.images.at(disk.path).tag_names(), ElementsAre(disk.tag));
        EXPECT_EQ(disk.virtual_bytes, 4U << 20U);
        EXPECT_NE(disk.mark.inode, 0U);
    }
    EXPECT_EQ(host.current(), "first");
    EXPECT_THAT(host.catalog.locked, IsEmpty());
}

TEST(CataloguedCreate, MakesTheCurrentSnapshotTheParentOfTheNext) {
    CataloguedHost host;
    host.create("a");
    host.create("b");
    host.create("c");
    EXPECT_EQ(host.parent("a"), "");
    EXPECT_EQ(host.parent("b"), "a");
    EXPECT_EQ(host.parent("c"), "b");
    EXPECT_EQ(host.current(), "c");
}

TEST(CataloguedCreate, NamesASnapshotByTheSecondUnlessThatIsTaken) {
    CataloguedHost host;
    host.create("1700000001");
    EXPECT_EQ(host.create("").name, "1700000002");
}

TEST(CataloguedCreate, NamesASnapshotByTheNextFreeSecondAfterTheCurrentOnes) {
    CataloguedHost host;
    for (const char *name : {"1700000006", "1700000007", "a", "1700000005"})
        host.create(name);
    host.catalog.contents[CataloguedHost::kKey].broken.insert("1700000008");
    EXPECT_EQ(host.create("").name, "1700000009");
}

TEST(CataloguedCreate, FailsWhenItCannotBeKnownWhetherANameIsFree) {
    CataloguedHost host;
    for (const char *name : {"", "a"}) {
        host.catalog.fail_next("find", {ErrorCode::Fail, "injected"});
        const auto refused = host.catalogued.create(host.subject(), {.name = name});
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().message, "injected");
    }
    EXPECT_EQ(host.leftovers(), "");
}

TEST(CataloguedCreate, GivesUpWhenADayOfSecondsIsTaken) {
    CataloguedHost host;
    auto &broken = host.catalog.contents[CataloguedHost::kKey].broken;
    for (std::uint64_t i = 0; i <= 86400; ++i)
        broken.insert(std::to_string(CataloguedHost::kNow + i));
    const auto refused = host.catalogued.create(host.subject(), {});
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("give this one a name"));
    host.create("a");
}

TEST(CataloguedCreate, ReadsOfOtherSnapshotsTheCurrentOneAlone) {
    CataloguedHost host;
    host.create("a");
    host.create("b");
    host.catalog.calls.clear();
    host.create("c");
    EXPECT_THAT(host.catalog.calls,
                ElementsAre("lock " + std::string(CataloguedHost::kKey), "domains",
                            "read_current " + std::string(CataloguedHost::kKey), "find c", "add c",
                            "write_domain " + std::string(CataloguedHost::kKey)));
}

TEST(CataloguedCreate, RefusesANameThatIsTakenThoughTheRecordIsBroken) {
    CataloguedHost host;
    host.create("a");
    host.catalog.contents[CataloguedHost::kKey].broken.insert("b");
    host.toolstack.calls.clear();
    for (const char *name : {"a", "b"}) {
        const auto refused = host.catalogued.create(host.subject(), {.name = name});
        ASSERT_FALSE(refused) << name;
        EXPECT_EQ(refused.error().code, ErrorCode::Invalid);
    }
    EXPECT_THAT(host.toolstack.calls, Not(Contains(HasSubstr("suspend"))));
}

TEST(CataloguedCreate, RefusesCombinationsThatThereAreNot) {
    CataloguedHost host;
    const auto refusal = [&host](const CreateWish &wish) {
        const auto refused = host.catalogued.create(host.subject(), wish);
        return refused ? "" : refused.error().message;
    };
    EXPECT_THAT(refusal({.memory = MemoryWish::Image, .disk_only = true}),
                HasSubstr("domain g1: a snapshot of disks alone has no memory"));
    EXPECT_THAT(refusal({.live = true, .disks = {{"xvda", DiskWishKind::Internal}}}),
                HasSubstr("disk xvda: a live snapshot has no internal"));
    EXPECT_THAT(refusal({.disk_only = true,
                         .disks = {{"xvda", DiskWishKind::None}, {"xvdb", DiskWishKind::None}}}),
                HasSubstr("name at least one"));
    host.create("a");
    host.power_off();
    EXPECT_THAT(refusal({.memory = MemoryWish::Image}),
                HasSubstr("a domain that does not run has no memory"));
}

TEST(CataloguedCreate, OfDisksAloneIsCrashConsistentWhenTheDomainRuns) {
    CataloguedHost host;
    const SnapshotRecord running = host.create("a", internal_disks_alone());
    EXPECT_TRUE(running.crash_consistent);
    EXPECT_FALSE(running.memory);
    host.power_off();
    const SnapshotRecord inactive = host.create("b");
    EXPECT_FALSE(inactive.crash_consistent);
    EXPECT_FALSE(inactive.memory);
    EXPECT_EQ(inactive.state, SnapshotState::Inactive);
    EXPECT_EQ(inactive.domain_name, "g1");
}

TEST(CataloguedCreate, LeavesADiskOutOnlyWhenThatIsSaid) {
    CataloguedHost host;
    const SnapshotRecord made = host.create("a", {.disks = {{"xvdb", DiskWishKind::None}}});
    ASSERT_EQ(made.disks.size(), 2U);
    EXPECT_EQ(made.disks[1].kind, DiskSnapshotKind::None);
    EXPECT_NE(made.disks[1].mark.inode, 0U) << "by which a revert sees what was written since";
    EXPECT_THAT(host.images.at(FakeHost::kDiskB).tag_names(), IsEmpty());
}

TEST(CataloguedCreate, RecordsWhatTheDomainWasDoing) {
    CataloguedHost host;
    host.g1().domain.blocked = true;
    EXPECT_EQ(host.create("a").state, SnapshotState::Blocked);
    host.pause_g1();
    EXPECT_EQ(host.create("b").state, SnapshotState::Paused);
}

TEST(CataloguedCreate, LeavesTheDomainPausedWhenAsked) {
    CataloguedHost host;
    host.create("a", {.left_paused = true});
    EXPECT_TRUE(host.g1().paused);
    EXPECT_EQ(host.record("a").state, SnapshotState::Running);
}

TEST(CataloguedCreate, OfADomainThatDoesNotRunNeedsAConfiguration) {
    CataloguedHost host;
    const std::string config = host.g1().domain.config_json;
    host.power_off();
    const auto refused = host.catalogued.create(host.subject(), {});
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("xl.cfg"));
    Subject subject = host.subject();
    subject.config_json = config;
    const auto made = host.catalogued.create(subject, {});
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(made->record.disks.size(), 2U);
}

TEST(CataloguedCreate, LeavesNothingWhicheverCallFails) {
    std::size_t at = 0;
    for (bool failing = true; failing; ++at) {
        CataloguedHost host;
        host.fail_call(at);
        const auto created = host.catalogued.create(host.subject(), {.name = "a"});
        failing = host.calls_made() > at;
        const std::string failed = host.failed_call();
        host.fail_call(SIZE_MAX);
        if (created && failing) {
            EXPECT_THAT(
                (std::vector<std::string>{"chain", "examine", "launch", "list_tags", "state"}),
                Contains(failed))
                << at;
        } else if (failing) {
            EXPECT_THAT(host.leftovers(), IsEmpty()) << failed << ": " << created.error().message;
            EXPECT_THAT(host.names(), IsEmpty()) << failed;
        }
    }
    EXPECT_GT(at, 10U);
}

TEST(CataloguedCreate, UndoesTheSnapshotWhenItsRecordCannotBeWritten) {
    for (const char *method : {"add", "write_domain"}) {
        CataloguedHost host;
        host.catalog.fail_next(method, {ErrorCode::Fail, "the disk is full"});
        const auto created = host.catalogued.create(host.subject(), {.name = "a"});
        ASSERT_FALSE(created) << method;
        EXPECT_THAT(created.error().message, HasSubstr("the disk is full"));
        EXPECT_THAT(created.error().message, Not(HasSubstr("NOT UNDONE")));
        EXPECT_THAT(host.leftovers(), IsEmpty());
        EXPECT_THAT(host.names(), IsEmpty());
        EXPECT_EQ(host.current(), "");
    }
}

TEST(CataloguedCreate, TellsWhatCouldNotBeUndone) {
    CataloguedHost host;
    host.catalog.fail_next("add", {ErrorCode::Fail, "the disk is full"});
    host.memory_store.fail_next("remove", {ErrorCode::Fail, "it stays"});
    const auto created = host.catalogued.create(host.subject(), {.name = "a"});
    ASSERT_FALSE(created);
    EXPECT_THAT(created.error().message, HasSubstr("NOT UNDONE: it stays"));
}

TEST(CataloguedCreate, AsADryRunTellsThePlanAndTouchesNothing) {
    CataloguedHost host;
    const auto told = host.catalogued.create(host.subject(), {.name = "a", .dry_run = true});
    ASSERT_TRUE(told) << told.error().message;
    EXPECT_THAT(told->plan, Contains(HasSubstr("suspend the domain")));
    EXPECT_THAT(told->plan, Contains(HasSubstr("xvda (/images/a.qcow2)")));
    EXPECT_THAT(host.leftovers(), IsEmpty());
    EXPECT_THAT(host.catalog.calls, Not(Contains(HasSubstr("lock"))));
    EXPECT_THAT(host.toolstack.calls, Not(Contains(HasSubstr("suspend"))));
    host.live_disks.qemus.at(1).answers = false;
    EXPECT_FALSE(host.catalogued.create(host.subject(), {.dry_run = true}));
}

TEST(CataloguedCreate, WaitsForNobodyWithoutTheLock) {
    CataloguedHost host;
    host.catalog.locked_by_another[CataloguedHost::kKey] = "xlsnap (pid 4711)";
    const auto refused = host.catalogued.create(host.subject(), {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::LockFail);
    EXPECT_THAT(host.leftovers(), IsEmpty());
}

TEST(CataloguedCreate, WorksBehindARevertOfAnotherProcess) {
    CataloguedHost host;
    host.create("a");
    const Subject s = host.subject();
    bool once = false;
    host.catalog.before = [&](const std::string &method) {
        if (method == "lock" && !once) {
            once = true; // while we wait for the lock, the other one reverts
            CataloguedHost *h = &host;
            const auto domain = h->g1().domain;
            h->power_off();
            EXPECT_TRUE(h->toolstack.start(domain.config_json));
        }
        return Status();
    };
    const auto r = host.catalogued.create(s, {.name = "b"});
    EXPECT_TRUE(r) << r.error().message;
}

TEST(CataloguedCreate, TellsOfThePauseInADryRun) {
    CataloguedHost host;
    const auto r =
        host.catalogued.create(host.subject(), {.name = "b", .left_paused = true, .dry_run = true});
    ASSERT_TRUE(r);
    std::string all;
    for (auto &l : r->plan)
        all += l + "\n";
    EXPECT_THAT(all, HasSubstr("pause")) << all;
}

TEST(CataloguedCreate, TellsOfASnapshotThatIsMadeThoughTheDomainCannotBePaused) {
    CataloguedHost host;
    host.toolstack.fail_next("pause", {ErrorCode::Fail, "cannot pause"});
    const auto created = host.catalogued.create(host.subject(), {.name = "b", .left_paused = true});
    ASSERT_TRUE(created) << created.error().message;
    ASSERT_FALSE(created->closing);
    EXPECT_THAT(created->closing.error().message, HasSubstr("snapshot 'b' is made, but"));
    EXPECT_THAT(host.names(), ElementsAre("b"));
}

} // namespace

} // namespace xlsnap::test
