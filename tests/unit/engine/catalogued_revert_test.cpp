// SPDX-License-Identifier: LGPL-2.1-only
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/catalogued_host.hpp"

namespace xlsnap::test {

namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class CataloguedRevert : public ::testing::TestWithParam<GuestKind> {};

INSTANTIATE_TEST_SUITE_P(Guests, CataloguedRevert,
                         ::testing::Values(GuestKind{GuestType::Pv, true},
                                           GuestKind{GuestType::Pvh, true},
                                           GuestKind{GuestType::Hvm, true},
                                           GuestKind{GuestType::Hvm, false}));

TEST_P(CataloguedRevert, BringsTheDomainBackAndMakesTheSnapshotCurrent) {
    CataloguedHost host(GetParam());
    host.create("a");
    host.guest_writes(FakeHost::kLater);
    host.create("b");
    host.guest_writes("count 123");
    host.revert("a");
    EXPECT_THAT(host.differs_from(FakeHost::kAtCreate), IsEmpty());
    EXPECT_EQ(host.current(), "a");
    host.create("c");
    EXPECT_EQ(host.parent("c"), "a");
    host.revert("b");
    EXPECT_THAT(host.differs_from(FakeHost::kLater), IsEmpty());
    EXPECT_EQ(host.current(), "b");
}

TEST(CataloguedRevertOfRunning, KeepsThePresentAsASnapshotWhenAsked) {
    CataloguedHost host;
    host.create("a");
    host.guest_writes(FakeHost::kLater);
    host.revert("a", {.keep_current = true});
    EXPECT_THAT(host.differs_from(FakeHost::kAtCreate), IsEmpty());
    ASSERT_THAT(host.names(), SizeIs(2));
    const std::string kept = host.names().front();
    EXPECT_EQ(host.parent(kept), "a");
    EXPECT_EQ(host.current(), "a");
    host.revert(kept);
    EXPECT_THAT(host.differs_from(FakeHost::kLater), IsEmpty());
}

TEST(CataloguedRevertOfRunning, KeepsNothingWhenTheRevertIsRefused) {
    CataloguedHost host;
    const SnapshotRecord made = host.create("a");
    host.memory_store.images.at(made.memory->path).whole = false;
    EXPECT_FALSE(host.catalogued.revert(host.subject(), "a", {.keep_current = true}));
    EXPECT_THAT(host.names(), ElementsAre("a"));
}

TEST(CataloguedRevertOfRunning, LeavesTheDomainAsAsked) {
    CataloguedHost host;
    host.create("running");
    host.revert("running", {.after = AfterRevert::Paused});
    EXPECT_TRUE(host.g1().paused);
    host.create("paused");
    host.revert("paused");
    EXPECT_TRUE(host.g1().paused);
    host.revert("paused", {.after = AfterRevert::Running});
    EXPECT_FALSE(host.g1().paused);
}

TEST(CataloguedRevertRefuses, AMemoryImageThatIsNotTheOneWritten) {
    CataloguedHost host;
    const SnapshotRecord made = host.create("a");
    host.guest_writes(FakeHost::kLater);
    host.memory_store.images.at(made.memory->path).stream.back() ^= 1; // as long as before
    const auto refused = host.catalogued.revert(host.subject(), "a", {});
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("is not what was written"));
    EXPECT_THAT(host.toolstack.calls, Not(Contains(HasSubstr("destroy"))));
    EXPECT_THAT(host.differs_from(FakeHost::kLater), IsEmpty());
}

TEST(CataloguedRevertRefuses, ADiskLeftOutAndWrittenSinceUnlessForced) {
    CataloguedHost host;
    host.create("a", {.disks = {{"xvdb", DiskWishKind::None}}});
    host.revert("a");
    host.guest_writes(FakeHost::kLater);
    const auto refused = host.catalogued.revert(host.subject(), "a", {});
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, AllOf(HasSubstr("xvdb"), HasSubstr("--force")));
    EXPECT_THAT(host.differs_from(FakeHost::kLater), IsEmpty());
    host.revert("a", {.force = true});
    EXPECT_EQ(host.images.at(FakeHost::kDiskA).content, FakeHost::kAtCreate);
    EXPECT_EQ(host.images.at(FakeHost::kDiskB).content, FakeHost::kLater);
}

// While the present is kept the guest goes on.
TEST(CataloguedRevertRefuses, ADiskLeftOutThatIsWrittenWhileThePresentIsKept) {
    CataloguedHost host;
    host.create("a", {.disks = {{"xvdb", DiskWishKind::None}}});
    host.revert("a");
    host.toolstack.on_call = [&host](const std::string &call) {
        if (call.starts_with("resume "))
            host.images.at(FakeHost::kDiskB).content = FakeHost::kLater;
    };
    const auto refused = host.catalogued.revert(host.subject(), "a", {.keep_current = true});
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message,
                AllOf(HasSubstr("the present state is kept as"), HasSubstr("disk xvdb")));
    EXPECT_EQ(host.names().size(), 2U);
    EXPECT_NE(host.toolstack.find("g1"), nullptr);
}

TEST(CataloguedRevertRefuses, EveryReasonAtOnce) {
    CataloguedHost host;
    const SnapshotRecord made = host.create("a", {.disks = {{"xvdb", DiskWishKind::None}}});
    host.guest_writes(FakeHost::kLater);
    host.memory_store.images.at(made.memory->path).stream += "?";
    host.images.at(FakeHost::kDiskA).tags.clear();
    const auto refused = host.catalogued.revert(host.subject(), "a", {});
    ASSERT_FALSE(refused);
    for (const char *reason : {"xvdb", "is not what was written", made.disks[0].tag.c_str()})
        EXPECT_THAT(refused.error().message, HasSubstr(reason));
}

TEST(CataloguedRevertRefuses, WhatIsNotThereWithoutMakingADirectoryForIt) {
    CataloguedHost host;
    const auto refused = host.catalogued.revert(host.subject(), "a", {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::NotFound);
    EXPECT_THAT(host.catalog.calls, Not(Contains(HasSubstr("lock"))));
}

TEST(CataloguedRevertOfRunning, BringsADetachedDiskBackWithWhatItHeldWhenForced) {
    CataloguedHost host;
    host.create("a");
    host.guest_writes(FakeHost::kLater);
    host.detach("xvdb");
    const auto refused = host.catalogued.revert(host.subject(), "a", {});
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, AllOf(HasSubstr("xvdb"), HasSubstr("--force")));
    EXPECT_THAT(host.toolstack.calls, Not(Contains(HasSubstr("destroy"))));
    host.revert("a", {.force = true});
    EXPECT_THAT(host.differs_from(FakeHost::kAtCreate), IsEmpty());
    EXPECT_NE(find_disk(host.g1().domain, "xvdb"), nullptr);
    for (const char *path : {FakeHost::kDiskA, FakeHost::kDiskB})
        EXPECT_THAT(host.images.at(path).tag_names(), SizeIs(1)) << "a temporary tag is left";
}

TEST(CataloguedRevertOfRunning, BringsTheFormerImageOfADiskBackWhenForced) {
    CataloguedHost host;
    host.create("a");
    host.guest_writes(FakeHost::kLater);
    host.detach("xvdb");
    host.images.add("/images/c.qcow2", "another disk");
    Disk other = *find_disk(host.g1().domain, "xvda");
    other.vdev = "xvdb";
    other.path = "/images/c.qcow2";
    Domain &domain = host.g1().domain;
    domain.disks.push_back(other);
    domain.config_json = fake_config_json(domain);
    host.live_disks.attach(domain.domid, "xvdb-qcow2", other.path);
    host.revert("a", {.force = true});
    EXPECT_THAT(host.differs_from(FakeHost::kAtCreate), IsEmpty());
    EXPECT_EQ(find_disk(host.g1().domain, "xvdb")->path, FakeHost::kDiskB);
    EXPECT_EQ(host.images.at("/images/c.qcow2").content, "another disk");
}

TEST(CataloguedRevertRefuses, ToBringBackAnImageThatIsAnothersByNow) {
    CataloguedHost host;
    host.create("a");
    host.guest_writes(FakeHost::kLater);
    host.detach("xvdb");
    host.image_users.users[FakeHost::kDiskB] = {{4711, "qemu-system-i386", true}};
    const auto refused = host.catalogued.revert(host.subject(), "a", {.force = true});
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("4711"));
    EXPECT_THAT(host.toolstack.calls, Not(Contains(HasSubstr("destroy"))));
    EXPECT_EQ(host.images.at(FakeHost::kDiskB).content, FakeHost::kLater);
}

TEST(CataloguedRevertRefuses, ToBringBackAnImageWithoutItsTag) {
    CataloguedHost host;
    host.create("a");
    host.detach("xvdb");
    host.images.at(FakeHost::kDiskB).tags.clear();
    EXPECT_FALSE(host.catalogued.revert(host.subject(), "a", {.force = true}));
    EXPECT_THAT(host.toolstack.calls, Not(Contains(HasSubstr("destroy"))));
}

// The disk that was detached is what it was, too.
TEST(CataloguedRevertOfRunning, LeavesADetachedDiskAsItWasWhicheverCallFails) {
    std::size_t at = 0;
    for (bool failing = true; failing; ++at) {
        CataloguedHost host;
        host.create("a");
        host.guest_writes(FakeHost::kLater);
        host.detach("xvdb");
        host.fail_call(at);
        const auto reverted = host.catalogued.revert(host.subject(), "a", {.force = true});
        failing = host.calls_made() > at;
        const std::string failed = host.failed_call();
        if (reverted)
            continue;
        const FakeGuest *guest = host.toolstack.find("g1");
        ASSERT_NE(guest, nullptr) << failed;
        if (find_disk(guest->domain, "xvdb") != nullptr)
            continue; // it failed behind the restore
        for (const char *path : {FakeHost::kDiskA, FakeHost::kDiskB}) {
            EXPECT_EQ(host.images.at(path).content, FakeHost::kLater)
                << failed << ": " << reverted.error().message;
            EXPECT_THAT(host.images.at(path).tag_names(), SizeIs(1))
                << failed << ": " << reverted.error().message;
        }
    }
    EXPECT_GT(at, 10U);
}

TEST(CataloguedRevertOfInactive, BringsADiskBackThatTheConfigurationHasNoMoreWhenForced) {
    CataloguedHost host;
    host.create("a");
    host.guest_writes(FakeHost::kLater);
    host.detach("xvdb");
    Subject subject = host.subject();
    subject.config_json = host.g1().domain.config_json;
    host.power_off();
    subject.domid.reset();
    EXPECT_FALSE(host.catalogued.revert(subject, "a", {}));
    EXPECT_TRUE(host.catalogued.revert(subject, "a", {.force = true}));
    EXPECT_THAT(host.differs_from(FakeHost::kAtCreate), IsEmpty());
}

// An xl.cfg without a uuid gives the domain a new one at each start.
TEST(CataloguedRevertOfRunning, WorksForADomainThatHasAnotherUuidByNow) {
    CataloguedHost host;
    host.create("a");
    host.power_off();
    Domain again;
    again.name = "g1";
    again.uuid = "11111111-2222-4333-8444-555555555555";
    again.type = GuestType::Pvh;
    again.disks = host.toolstack.read_config(host.record("a").config_json)->disks;
    again.config_json = fake_config_json(again);
    ASSERT_TRUE(host.toolstack.start(again.config_json));
    host.guest_writes(FakeHost::kLater);
    host.revert("a");
    EXPECT_THAT(host.differs_from(FakeHost::kAtCreate), IsEmpty());
    EXPECT_EQ(host.g1().domain.uuid, CataloguedHost::kKey);
}

TEST(CataloguedRevertOfInactive, StartsTheDomainFromASnapshotWithMemory) {
    CataloguedHost host;
    host.create("a");
    host.guest_writes(FakeHost::kLater);
    host.power_off();
    host.revert("a");
    EXPECT_THAT(host.differs_from(FakeHost::kAtCreate), IsEmpty());
    EXPECT_FALSE(host.g1().paused);
    EXPECT_EQ(host.images.at(FakeHost::kDiskA).tag_names().size(), 1U) << "a temporary tag is left";
    EXPECT_THAT(host.watcher_launcher.calls, Not(IsEmpty()));
}

TEST(CataloguedRevertOfInactive, SaysWhyItFailsAndOfAKeptSnapshotOnlyWhenThereIsOne) {
    CataloguedHost host;
    host.create("a", internal_disks_alone());
    host.power_off();
    host.disk_images.fail_next("revert_to_tag", {ErrorCode::Fail, "the disk is full"});
    const auto failed = host.catalogued.revert(host.subject(), "a", {});
    ASSERT_FALSE(failed);
    EXPECT_THAT(failed.error().message, ::testing::StartsWith("reverting the disks: "));
    host.disk_images.fail_next("revert_to_tag", {ErrorCode::Fail, "the disk is full"});
    const auto kept = host.catalogued.revert(host.subject(), "a", {.keep_current = true});
    ASSERT_FALSE(kept);
    EXPECT_THAT(kept.error().message, ::testing::StartsWith("the present state is kept as"));
}

TEST(CataloguedRevertOfInactive, LeavesTheDomainPausedWhenAsked) {
    CataloguedHost host;
    host.create("a");
    host.power_off();
    host.revert("a", {.after = AfterRevert::Paused});
    EXPECT_TRUE(host.g1().paused);
}

TEST(CataloguedRevertOfInactive, LeavesItDownWithDisksAloneUnlessItIsToRun) {
    CataloguedHost host;
    host.create("a", internal_disks_alone());
    host.guest_writes(FakeHost::kLater);
    host.power_off();
    host.revert("a");
    EXPECT_EQ(host.toolstack.find("g1"), nullptr);
    EXPECT_EQ(host.images.at(FakeHost::kDiskA).content, FakeHost::kAtCreate);
    host.revert("a", {.after = AfterRevert::Running, .start = true});
    ASSERT_NE(host.toolstack.find("g1"), nullptr);
    EXPECT_FALSE(host.g1().paused);
}

TEST(CataloguedRevertOfInactive, BringsTheDisksBackWhicheverCallFails) {
    std::size_t at = 0;
    for (bool failing = true; failing; ++at) {
        CataloguedHost host;
        host.create("a");
        host.guest_writes(FakeHost::kLater);
        host.power_off();
        host.fail_call(at);
        const auto reverted = host.catalogued.revert(host.subject(), "a", {});
        failing = host.calls_made() > at;
        const std::string failed = host.failed_call();
        host.fail_call(SIZE_MAX);
        if (reverted)
            continue;
        const FakeGuest *guest = host.toolstack.find("g1");
        if (guest != nullptr)
            continue; // it failed behind the start
        for (const char *path : {FakeHost::kDiskA, FakeHost::kDiskB}) {
            EXPECT_EQ(host.images.at(path).content, FakeHost::kLater)
                << failed << ": " << reverted.error().message;
            EXPECT_THAT(host.images.at(path).tag_names(), SizeIs(1)) << failed;
        }
    }
    EXPECT_GT(at, 10U);
}

TEST(CataloguedStart, UsesTheStateThatTheDomainWasInLast) {
    CataloguedHost host;
    host.create("a");
    host.guest_writes(FakeHost::kLater);
    host.power_off();
    const auto started = host.catalogued.start(host.subject(), "", {});
    ASSERT_TRUE(started) << started.error().message;
    EXPECT_EQ(started->domid, host.g1().domain.domid);
    EXPECT_EQ(host.images.at(FakeHost::kDiskA).content, FakeHost::kLater);
    EXPECT_FALSE(host.g1().paused);
    EXPECT_FALSE(host.catalogued.start(host.subject(), "", {})) << "it runs already";
}

TEST(CataloguedStart, StartsFromANamedSnapshot) {
    CataloguedHost host;
    host.create("a", internal_disks_alone());
    host.guest_writes(FakeHost::kLater);
    host.power_off();
    const auto started = host.catalogued.start(host.subject(), "a", {.after = AfterRevert::Paused});
    ASSERT_TRUE(started) << started.error().message;
    EXPECT_EQ(host.images.at(FakeHost::kDiskA).content, FakeHost::kAtCreate);
    EXPECT_TRUE(host.g1().paused);
}

TEST(CataloguedStart, RefusesImagesThatAnotherDomainWrites) {
    CataloguedHost host;
    host.create("a");
    host.power_off();
    host.image_users.users[FakeHost::kDiskB] = {{4711, "qemu-system-i386", true}};
    const auto refused = host.catalogued.start(host.subject(), "", {});
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("4711"));
    EXPECT_EQ(host.toolstack.find("g1"), nullptr);
}

// An xl.cfg need not say which back end serves a disk.
TEST(CataloguedStart, LooksAtImagesWhoseBackEndLibxlChooses) {
    CataloguedHost host;
    host.create("a");
    Subject subject = host.subject();
    Domain domain = host.g1().domain;
    for (Disk &disk : domain.disks)
        disk.backend = DiskBackend::Unknown;
    subject.config_json = fake_config_json(domain);
    host.power_off();
    host.image_users.users[FakeHost::kDiskB] = {{4711, "qemu-nbd", true}};
    const auto refused = host.catalogued.start(subject, "", {});
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("4711"));
}

TEST(CataloguedStart, OfASnapshotOfWhichNoDiskIsLeftIsRefusedThoughForced) {
    CataloguedHost host;
    host.create("a", internal_disks_alone());
    Subject subject = host.subject();
    Domain domain = host.g1().domain;
    domain.disks.clear();
    subject.config_json = fake_config_json(domain);
    host.power_off();
    subject.domid.reset();
    const auto refused = host.catalogued.start(subject, "a", {.force = true});
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("none of the disks of snapshot 'a'"));
    EXPECT_EQ(host.toolstack.find("g1"), nullptr);
}

TEST(CataloguedDryRun, OfRevertAndStartTouchesNothing) {
    CataloguedHost host;
    host.create("a");
    host.guest_writes(FakeHost::kLater);
    auto told =
        host.catalogued.revert(host.subject(), "a", {.keep_current = true, .dry_run = true});
    ASSERT_TRUE(told) << told.error().message;
    EXPECT_THAT(told->plan, AllOf(Contains(HasSubstr("destroy the domain")),
                                  Contains(HasSubstr("record it as snapshot"))));
    EXPECT_THAT(host.differs_from(FakeHost::kLater), IsEmpty());
    EXPECT_THAT(host.names(), ElementsAre("a"));
    host.power_off();
    told = host.catalogued.start(host.subject(), "", {.dry_run = true});
    ASSERT_TRUE(told) << told.error().message;
    EXPECT_THAT(told->plan, Contains(HasSubstr("from its configuration")));
    EXPECT_EQ(host.toolstack.find("g1"), nullptr);
}

TEST(CataloguedRevertOfInactive, RefusesADiskThatWasLeftOutAndWrittenSince) {
    CataloguedHost host;
    host.create("a", {.disks = {{"xvdb", DiskWishKind::None}}});
    host.guest_writes(FakeHost::kLater);
    host.power_off();
    const auto r = host.catalogued.revert(host.subject(), "a", {});
    EXPECT_FALSE(r) << "reverted; xvdb holds " << host.images.at(FakeHost::kDiskB).content;
    EXPECT_EQ(host.toolstack.find("g1"), nullptr);
}

TEST(CataloguedRevertOfInactive, RefusesAMemoryImageOfAnotherDomain) {
    CataloguedHost host;
    const auto made = host.create("a");
    host.power_off();
    auto &image = host.memory_store.images.at(made.memory->path);
    Domain other;
    other.name = "victim";
    other.uuid = "99999999-2222-4333-8444-555555555555";
    other.type = GuestType::Pvh;
    image.info.config_json = fake_config_json(other);
    auto print = host.memory_store.fingerprint(made.memory->path);
    host.catalog.contents[CataloguedHost::kKey].snapshots["a"].memory->bytes = print->bytes;
    host.catalog.contents[CataloguedHost::kKey].snapshots["a"].memory->sha256 = print->sha256;
    const auto r = host.catalogued.revert(host.subject(), "a", {});
    EXPECT_FALSE(r);
    EXPECT_EQ(host.toolstack.find("victim"), nullptr) << "another domain was built";
}

TEST(CataloguedRevertOfInactive, NeedsNoConfigurationInTheRecord) {
    CataloguedHost host;
    host.create("a", internal_disks_alone());
    host.guest_writes(FakeHost::kLater);
    host.power_off();
    Subject s = host.subject();
    s.config_json = host.record("a").config_json; // the caller's xl.cfg
    host.catalog.contents[CataloguedHost::kKey].snapshots["a"].config_json.clear();
    const auto r = host.catalogued.revert(s, "a", {});
    EXPECT_TRUE(r) << r.error().message << "; disk holds "
                   << host.images.at(FakeHost::kDiskA).content;
}

TEST(CataloguedRevertOfInactive, RefusesOtherDisksThanTheRecordHas) {
    CataloguedHost host;
    host.create("a", internal_disks_alone());
    host.guest_writes(FakeHost::kLater);
    Domain moved = host.g1().domain;
    host.power_off();
    moved.disks[0].path = "/new/a.qcow2";
    Subject s = host.subject();
    s.config_json = fake_config_json(moved);
    const auto r = host.catalogued.revert(s, "a", {});
    EXPECT_FALSE(r) << "the disk of the configuration is /new/a.qcow2; reverted was "
                       "/images/a.qcow2, now holding "
                    << host.images.at(FakeHost::kDiskA).content;
}

TEST(CataloguedRevertOfInactive, TellsTheDomidThoughTheDomainCannotBeInspected) {
    CataloguedHost host;
    host.create("a");
    host.create("b");
    host.power_off();
    host.toolstack.fail_next("inspect", {ErrorCode::NotReady, "QEMU is slow"});
    const auto r = host.catalogued.revert(host.subject(), "a", {});
    ASSERT_NE(host.toolstack.find("g1"), nullptr);
    EXPECT_TRUE(r) << r.error().message;
    EXPECT_EQ(host.current(), "a");
}

TEST(CataloguedRevertOfRunning, BringsBackAGuestWithACdInItsDrive) {
    CataloguedHost host(GuestKind{GuestType::Hvm, true});
    Disk cd;
    cd.vdev = "hdc";
    cd.path = "/images/install.iso";
    cd.format = DiskFormat::Raw;
    cd.backend = DiskBackend::Qdisk;
    cd.cdrom = true;
    cd.writable = false;
    host.images.add(cd.path, "an installer", DiskFormat::Raw);
    host.g1().domain.disks.push_back(cd);
    host.g1().domain.config_json = fake_config_json(host.g1().domain);
    host.create("a");
    for (bool force : {false, true}) {
        host.image_users.users["/images/install.iso"] = {
            {host.g1().domain.device_model_pid, "qemu-system-i386", false}};
        const auto r = host.catalogued.revert(host.subject(), "a", {.force = force});
        EXPECT_TRUE(r) << force << ": " << r.error().message;
    }
}

TEST(CataloguedRevertOfRunning, NamesTheSnapshotOfThePresentWhenItFails) {
    CataloguedHost host;
    host.create("a");
    host.toolstack.fail_next("restore", {ErrorCode::Fail, "cannot restore"});
    const auto r = host.catalogued.revert(host.subject(), "a", {.keep_current = true});
    ASSERT_FALSE(r);
    ASSERT_EQ(host.names().size(), 2U);
    EXPECT_THAT(r.error().message, HasSubstr(host.names().front()));
}

TEST(CataloguedRevertOfRunning, SaysHowToSetTheCurrentSnapshotWhenThatAloneFails) {
    CataloguedHost host;
    host.create("a");
    host.g1().memory = "later";
    host.catalog.fail_next("write_domain", {ErrorCode::Fail, "no room"});
    const auto reverted = host.catalogued.revert(host.subject(), "a", {});
    ASSERT_FALSE(reverted);
    EXPECT_THAT(reverted.error().message, AllOf(HasSubstr("the domain is reverted"),
                                                HasSubstr("xlsnap current"), HasSubstr("no room")));
    EXPECT_NE(host.g1().memory, "later");
}

TEST(CataloguedDryRun, IsRefusedWhereTheSnapshotOfThePresentIs) {
    CataloguedHost host;
    host.create("a", {
                         .disks = {{"xvdb", DiskWishKind::None}},
                     });
    // xvdb cannot hold an internal snapshot any more: the snapshot of the present cannot be made
    for (auto &d : host.g1().domain.disks)
        if (d.vdev == "xvdb")
            d.format = DiskFormat::Raw;
    const auto dry = host.catalogued.revert(host.subject(), "a",
                                            {.keep_current = true, .force = true, .dry_run = true});
    const auto real =
        host.catalogued.revert(host.subject(), "a", {.keep_current = true, .force = true});
    EXPECT_EQ(dry.has_value(), real.has_value())
        << (dry ? "" : dry.error().message) << " | " << (real ? "" : real.error().message);
}

TEST(CataloguedStart, WaitsForWhoeverChangesTheDisks) {
    CataloguedHost host;
    host.create("a");
    host.power_off();
    host.catalog.locked_by_another[CataloguedHost::kKey] = "process 4711";
    const auto r = host.catalogued.start(host.subject(), "", {});
    EXPECT_FALSE(r) << "started while another process changes its disks";
}

} // namespace

} // namespace xlsnap::test
