// SPDX-License-Identifier: LGPL-2.1-only
#include <span>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/image_space.hpp"
#include "engine/overlaid_host.hpp"

namespace xlsnap::test {

namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

TEST(External, TheDomainGoesOnInOverlaysThatItsConfigurationNames) {
    OverlaidHost host;
    const SnapshotRecord made = host.create("s1", external_wish());
    EXPECT_EQ(made.disks[0].kind, DiskSnapshotKind::External);
    EXPECT_EQ(made.disks[0].path, FakeHost::kDiskA);
    EXPECT_EQ(made.disks[0].overlay, "/images/a.s1.qcow2");
    EXPECT_EQ(host.image_of("xvda"), "/images/a.s1.qcow2");
    EXPECT_THAT(host.g1().domain.config_json, HasSubstr("/images/b.s1.qcow2"));
    host.guest_writes("later");
    EXPECT_EQ(host.disks_hold(), "later");
    EXPECT_EQ(host.images.at(FakeHost::kDiskA).content, FakeHost::kAtCreate);
}

TEST(External, WhatTheDomainsDisksStandOnIsListedAndWhatIsKeptIsImmutable) {
    OverlaidHost host;
    host.create("s1", external_wish());
    std::vector<std::string> listed;
    for (const DomainImage &image : host.domain_record().images)
        listed.push_back(fmt::format("{} {} {}", image.path, image.made, image.kept));
    EXPECT_THAT(listed, UnorderedElementsAre(
                            "/images/a.qcow2 false true", "/images/a.s1.qcow2 true false",
                            "/images/b.qcow2 false true", "/images/b.s1.qcow2 true false"));
    EXPECT_THAT(host.kept_images.kept, UnorderedElementsAre("/images/a.qcow2", "/images/b.qcow2"));
}

TEST(External, ARevertBringsBackMemoryAndDisksOnNewOverlays) {
    OverlaidHost host;
    host.create("s1", external_wish());
    host.guest_writes("later");
    host.revert("s1");
    host.expect_state(FakeHost::kAtCreate);
    EXPECT_EQ(host.image_of("xvda"), "/images/a.s1.1.qcow2");
    host.guest_writes("other");
    EXPECT_EQ(host.images.at(FakeHost::kDiskA).content, FakeHost::kAtCreate);
    host.revert("s1");
    host.expect_state(FakeHost::kAtCreate);
}

TEST(External, EachSnapshotOfTwoBranchesIsReachedFromEachOther) {
    OverlaidHost host;
    const auto make = [&](const std::string &name, CreateWish wish) {
        host.guest_writes(name);
        host.create(name, std::move(wish));
    };
    make("root", {});
    make("one", external_wish());
    make("two", {});
    host.revert("one");
    make("other", external_wish());
    make("mixed", {.disks = {{"xvda", DiskWishKind::External}, {"xvdb", DiskWishKind::Internal}}});
    host.guest_writes("present");
    const std::vector<std::string> names = {"root", "one", "two", "other", "mixed"};
    for (const std::string &from : names)
        for (const std::string &to : names) {
            host.revert(from);
            host.guest_writes("after " + from);
            host.revert(to);
            host.expect_state(to);
            host.guest_writes("lost");
        }
}

TEST(External, OfDisksAloneIsRevertedRunningAndNotRunning) {
    OverlaidHost host;
    host.create("s1", external_wish(false));
    host.guest_writes("later");
    host.revert("s1");
    EXPECT_EQ(host.disks_hold(), FakeHost::kAtCreate);
    host.guest_writes("later");
    const std::string config = host.g1().domain.config_json;
    host.power_off();
    Subject off = host.subject();
    off.config_json = config;
    const auto reverted = host.catalogued.revert(off, "s1", {});
    ASSERT_TRUE(reverted) << reverted.error().message;
    EXPECT_EQ(host.images.read("/images/a.s1.2.qcow2"), FakeHost::kAtCreate);
    const auto started = host.catalogued.start(off, "", {});
    ASSERT_TRUE(started) << started.error().message;
    EXPECT_EQ(host.image_of("xvda"), "/images/a.s1.2.qcow2");
    EXPECT_EQ(host.disks_hold(), FakeHost::kAtCreate);
}

// QEMU is asked only when the overlays lie there and the configuration names them.
TEST(External, OfDisksAloneLeavesNothingWhenQemuIsSilent) {
    OverlaidHost host;
    const std::vector<std::string> files = host.files();
    const std::string config = host.g1().domain.config_json;
    host.live_disks.fail_next("open", {ErrorCode::NotReady, "no answer"});
    const auto refused = host.catalogued.create(host.subject(), external_wish(false));
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("no answer"));
    EXPECT_EQ(host.files(), files);
    EXPECT_EQ(host.g1().domain.config_json, config);
    EXPECT_EQ(host.wrong_with(FakeHost::kAtCreate), "");
}

// Its tag keeps the image that the disks have left for another branch.
TEST(External, AnImageThatTheDisksHaveLeftIsRevertedInPlaceRunningAndNotRunning) {
    for (const bool running : {true, false}) {
        OverlaidHost host;
        host.create("s1", external_wish(false));
        host.guest_writes("in the tag");
        host.create(
            "t", {.disk_only = true,
                  .disks = {{"xvda", DiskWishKind::Internal}, {"xvdb", DiskWishKind::Internal}}});
        host.guest_writes("later");
        host.revert("s1");
        EXPECT_EQ(host.disks_hold(), FakeHost::kAtCreate);
        Subject subject = host.subject();
        subject.config_json = host.g1().domain.config_json;
        if (!running) {
            host.power_off();
            subject.domid.reset();
        }
        const auto reverted = host.catalogued.revert(subject, "t", {});
        ASSERT_TRUE(reverted) << reverted.error().message;
        EXPECT_EQ(host.images.read("/images/a.s1.qcow2"), "in the tag");
        EXPECT_EQ(host.domain_record().active_layers.front().path, "/images/a.s1.qcow2");
    }
}

TEST(External, ADomainThatDoesNotRunStartsOnItsOwnImagesWhenTheRecordFailed) {
    OverlaidHost host;
    Subject off = host.subject();
    off.config_json = host.g1().domain.config_json;
    host.create("before", {.disk_only = true, .disks = {{"xvda", DiskWishKind::Internal}}});
    host.power_off();
    off.domid.reset();
    host.catalog.fail_next("add", {ErrorCode::Fail, "disk full"});
    CreateWish wish = external_wish(false);
    wish.name = "s1";
    ASSERT_FALSE(host.catalogued.create(off, wish));
    const auto started = host.catalogued.start(off, "", {});
    ASSERT_TRUE(started) << started.error().message;
    EXPECT_EQ(host.image_of("xvda"), FakeHost::kDiskA);
    EXPECT_EQ(host.disks_hold(), FakeHost::kAtCreate);
}

TEST(External, ADomainThatDoesNotRunGoesOnInItsOverlay) {
    OverlaidHost host;
    const std::string config = host.g1().domain.config_json;
    host.power_off();
    Subject off = host.subject();
    off.config_json = config; // as an xl.cfg that nobody has changed
    const auto made = host.catalogued.create(
        off, {.name = "s1",
              .disks = {{"xvda", DiskWishKind::External}, {"xvdb", DiskWishKind::External}}});
    ASSERT_TRUE(made) << made.error().message;
    const auto started = host.catalogued.start(off, "", {});
    ASSERT_TRUE(started) << started.error().message;
    EXPECT_EQ(host.image_of("xvda"), "/images/a.s1.qcow2");
}

// The xl.cfg may name an overlay that a merge has removed: nothing else tells what the disk is now.
TEST(External, TheLastDeletionOfADomainThatDoesNotRunLeavesWhatItsDisksAre) {
    OverlaidHost host;
    host.create("s1", external_wish(false));
    Subject off = host.subject();
    off.config_json = host.g1().domain.config_json;
    host.power_off();
    off.domid.reset();
    const auto gone = host.catalogued.remove(off, "s1", {}, false);
    ASSERT_TRUE(gone) << gone.error().message;
    const auto started = host.catalogued.start(off, "", {});
    ASSERT_TRUE(started) << started.error().message;
    EXPECT_EQ(host.disks_hold(), FakeHost::kAtCreate);
}

TEST(External, ALeftOutDiskKeepsTheImageItHasNow) {
    OverlaidHost host;
    host.create("memory",
                {.disks = {{"xvda", DiskWishKind::Internal}, {"xvdb", DiskWishKind::None}}});
    host.create("s1", external_wish());
    const auto refused = host.catalogued.revert(host.subject(), "memory", {});
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("disk xvdb (/images/b.s1.qcow2) was left out"));
    host.revert("memory", {.force = true});
    EXPECT_EQ(host.image_of("xvdb"), "/images/b.s1.qcow2");
}

// The memory image's configuration names an image that a merge has removed since.
TEST(External, ALeftOutDiskKeepsItsImageThoughTheOneOfThenIsGone) {
    for (const bool running : {true, false}) {
        OverlaidHost host;
        host.create("s0", external_wish());
        host.create("memory",
                    {.disks = {{"xvda", DiskWishKind::External}, {"xvdb", DiskWishKind::None}}});
        host.create("s1", external_wish());
        host.remove("s0");
        host.remove("s1");
        const std::string present = host.image_of("xvdb");
        Subject subject = host.subject();
        subject.config_json = host.g1().domain.config_json;
        if (!running) {
            host.power_off();
            subject.domid.reset();
        }
        const auto reverted = host.catalogued.revert(subject, "memory", {.force = true});
        ASSERT_TRUE(reverted) << reverted.error().message;
        EXPECT_EQ(host.image_of("xvdb"), present);
    }
}

TEST(External, AKeptImageThatSomebodyHasWrittenToIsNotTakenForTheSnapshot) {
    OverlaidHost host;
    host.create("s1", external_wish());
    host.images.at(FakeHost::kDiskA).content = "spoilt";
    const auto refused = host.catalogued.revert(host.subject(), "s1", {});
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("/images/a.qcow2 was written to"));
    host.expect_state(FakeHost::kAtCreate);
}

// a <- a.s1 <- a.s2: both snapshots of disks alone, on the second of which a guest runs.
struct TwoLayers : OverlaidHost {
    TwoLayers() {
        for (const char *name : {"s1", "s2"}) {
            create(name, external_wish(false));
            guest_writes(std::string("after ") + name);
        }
    }
    // As a start from an old xl.cfg does where no image can be made immutable.
    void spoil() { images.at(kDiskA).content = "spoilt"; }
    void expect_refused(const std::string &name) {
        const auto refused = catalogued.revert(subject(), name, {});
        ASSERT_FALSE(refused) << name;
        EXPECT_THAT(refused.error().message,
                    AllOf(HasSubstr("disk xvda: /images/a.qcow2, which /images/a.s1.qcow2"),
                          HasSubstr("--force")));
        const Status wrong = catalogued.verify(subject(), name);
        ASSERT_FALSE(wrong) << name;
        EXPECT_THAT(wrong.error().message, HasSubstr("/images/a.qcow2, which"));
    }
    void expect_good(const std::string &name) {
        const Status good = catalogued.verify(subject(), name);
        EXPECT_TRUE(good) << good.error().message;
        revert(name);
    }
};

TEST(External, AnImageBelowThatSomebodyHasWrittenToIsNotTakenForTheSnapshot) {
    TwoLayers host;
    host.expect_good("s2");
    host.spoil();
    host.expect_refused("s2");
    host.revert("s2", {.force = true});
    EXPECT_EQ(host.images.read(host.image_of("xvdb")), "after s1");
}

TEST(External, AnImageBelowATagThatSomebodyHasWrittenToIsNotTakenForTheSnapshot) {
    OverlaidHost host;
    host.create("s1", external_wish(false));
    host.create("tag", internal_disks_alone());
    const Status good = host.catalogued.verify(host.subject(), "tag");
    EXPECT_TRUE(good) << good.error().message;
    host.images.at(FakeHost::kDiskA).content = "spoilt";
    const auto refused = host.catalogued.revert(host.subject(), "tag", {});
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("/images/a.qcow2, which"));
    EXPECT_FALSE(host.catalogued.verify(host.subject(), "tag"));
}

// Its snapshot is deleted, and another domain's image keeps it where it is.
TEST(External, AnImageBelowIsKnownThoughItIsNoSnapshotsAnyMore) {
    TwoLayers host;
    host.images.add("/images/other.qcow2", "other").backing = FakeHost::kDiskA;
    host.images.at("/images/other.qcow2").backing_format = DiskFormat::Qcow2;
    host.remove("s1");
    EXPECT_EQ(host.images.at("/images/a.s1.qcow2").backing, FakeHost::kDiskA);
    host.expect_good("s2");
    host.spoil();
    host.expect_refused("s2");
}

// The domain wrote to it before: what the catalog knows of it is older than what stands on it.
TEST(External, AnImageBelowAnOverlayOfSomebodyElseIsNotJudged) {
    OverlaidHost host;
    host.create("s1", external_wish(false));
    host.guest_writes("later");
    host.images.add("/images/own.qcow2", "").backing = host.image_of("xvda");
    host.images.at("/images/own.qcow2").backing_format = DiskFormat::Qcow2;
    Domain domain = host.g1().domain;
    domain.disks.front().path = "/images/own.qcow2";
    domain.config_json.clear();
    host.power_off();
    ASSERT_TRUE(host.toolstack.start(fake_config_json(domain)));
    host.create("s2", external_wish(false));
    const Status good = host.catalogued.verify(host.subject(), "s2");
    EXPECT_TRUE(good) << good.error().message;
}

// Of one merge, in which `content` was written after the snapshot.
std::uint64_t bytes_to_merge(const std::string &content) {
    OverlaidHost host;
    host.create("s1", external_wish(false));
    host.guest_writes(content);
    const auto chain = host.image_chains.chain(host.image_of("xvda"), DiskFormat::Qcow2);
    const bool up = chain->at(1).allocated_bytes <= chain->at(0).allocated_bytes;
    return bytes_for_merge(std::span(&chain->at(up ? 1 : 0), 1), chain->at(up ? 0 : 1),
                           chain->at(0).virtual_bytes);
}

Result<PlanLines> merge_with(std::uint64_t free, const std::string &content) {
    OverlaidHost host;
    host.create("s1", external_wish(false));
    host.guest_writes(content);
    host.image_chains.free = free;
    auto removed = host.catalogued.remove(host.subject(), "s1", {}, false);
    EXPECT_EQ(host.disks_hold(), content);
    return removed;
}

TEST(External, TheMergesOfADeletionHaveRoomTogether) {
    const std::string more(99, 'x'); // than what lies below, which comes up and stays
    const std::uint64_t bytes = bytes_to_merge(more);
    const auto refused = merge_with(2 * bytes - 1, more);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("make room"));
    EXPECT_TRUE(merge_with(2 * bytes, more));
}

TEST(External, AMergeMayHaveTheRoomOfAnOverlayThatGoesBeforeIt) {
    const std::string less = "x"; // goes down, and its overlay is removed
    const auto merged = merge_with(2 * bytes_to_merge(less) - 1, less);
    EXPECT_TRUE(merged) << merged.error().message;
}

TEST(External, ABootThatRenumbersDevicesSpoilsNoSnapshot) {
    TwoLayers host;
    host.images.renumber_devices();
    host.expect_good("s2");
    host.remove("s1");
    host.expect_good("s2");
}

TEST(External, ALiveSnapshotRunsTheGuestWhileItIsSaved) {
    for (const GuestType type : {GuestType::Pvh, GuestType::Hvm}) {
        OverlaidHost host({type});
        host.create("s1", {.live = true});
        EXPECT_TRUE(host.record("s1").live);
        EXPECT_THAT(host.toolstack.calls, ::testing::Contains(HasSubstr("suspend_live")));
        host.guest_writes("later");
        host.revert("s1");
        host.expect_state(FakeHost::kAtCreate);
    }
}

// No disk is reverted in place, for which the images must be closed anyway.
TEST(External, ARevertWaitsUntilTheOldQemuHasWrittenItsTablesBeforeAnotherOpensTheImages) {
    OverlaidHost host;
    CreateWish wish = external_wish();
    wish.disks.back().kind = DiskWishKind::None;
    host.create("s1", wish);
    host.toolstack.on_destroy = [&host](const Domain &gone) { host.destroyed_slowly(gone); };
    bool written_twice = true;
    host.toolstack.on_call = [&](const std::string &call) {
        if (call.starts_with("restore"))
            written_twice = host.image_users.users.contains(FakeHost::kDiskB) &&
                            !host.image_users.users[FakeHost::kDiskB].empty();
    };
    host.revert("s1");
    EXPECT_FALSE(written_twice);
}

TEST(External, LeavesTheGuestAsItWasWhicheverCallFailsWhileItIsMade) {
    std::size_t at = 0;
    for (bool failing = true; failing; ++at) {
        OverlaidHost host;
        const std::vector<std::string> before = host.files();
        host.fail_call(at);
        const auto created = host.catalogued.create(host.subject(), [] {
            CreateWish wish = external_wish();
            wish.name = "s1";
            return wish;
        }());
        failing = host.calls_made() > at;
        const std::string failed = host.failed_call();
        host.fail_call(SIZE_MAX);
        if (!failing)
            break;
        EXPECT_THAT(host.wrong_with(FakeHost::kAtCreate), IsEmpty()) << at << " " << failed;
        host.guest_writes("later");
        EXPECT_EQ(host.disks_hold(), "later") << failed;
        if (created) {
            host.revert("s1");
            EXPECT_EQ(host.disks_hold(), FakeHost::kAtCreate) << failed;
            continue;
        }
        EXPECT_THAT(host.names(), IsEmpty()) << failed;
        if (created.error().message.find("NOT UNDONE") == std::string::npos) {
            EXPECT_EQ(host.files(), before) << failed << ": " << created.error().message;
        }
    }
}

TEST(External, LeavesTheDomainWithItsDisksWhicheverCallFailsInARevert) {
    std::size_t at = 0;
    for (bool failing = true; failing; ++at) {
        OverlaidHost host;
        host.create("s1", external_wish());
        host.guest_writes("later");
        const std::vector<std::string> before = host.files();
        host.fail_call(at);
        const auto reverted = host.catalogued.revert(host.subject(), "s1", {});
        failing = host.calls_made() > at;
        const std::string failed = host.failed_call();
        host.fail_call(SIZE_MAX);
        if (!failing)
            break;
        EXPECT_EQ(host.images.at(FakeHost::kDiskA).content, FakeHost::kAtCreate) << failed;
        if (host.toolstack.find("g1") == nullptr) {
            EXPECT_THAT(reverted.error().message, HasSubstr("xl create")) << failed;
            continue;
        }
        const bool is_back = host.disks_hold() == FakeHost::kAtCreate;
        EXPECT_EQ(host.disks_hold(), is_back ? FakeHost::kAtCreate : "later") << failed;
        if (!reverted && !is_back) {
            EXPECT_THAT(host.wrong_with("later"), IsEmpty()) << at << " " << failed;
            if (reverted.error().message.find("NOT UNDONE") == std::string::npos) {
                EXPECT_EQ(host.files(), before) << failed << ": " << reverted.error().message;
            }
        }
    }
}

} // namespace

} // namespace xlsnap::test
