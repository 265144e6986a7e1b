// SPDX-License-Identifier: LGPL-2.1-only
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/snapshot_choice.hpp"

namespace xlsnap {

namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using Wish = DiskWishKind;

Disk qcow2_disk(const std::string &vdev) {
    Disk disk;
    disk.vdev = vdev;
    disk.path = "/" + vdev;
    disk.format = DiskFormat::Qcow2;
    disk.writable = true;
    return disk;
}

// xvda, xvdb and xvde can be written to; xvdc is read-only, xvdd an empty drive, hdc a CD-ROM.
Domain of_every_disk() {
    Domain domain;
    for (const char *vdev : {"xvda", "xvdb", "xvdc", "xvdd", "hdc", "xvde"})
        domain.disks.push_back(qcow2_disk(vdev));
    domain.disks[2].writable = false;
    domain.disks[3].path.clear();
    domain.disks[3].format = DiskFormat::Empty;
    domain.disks[4].cdrom = true;
    domain.disks[4].format = DiskFormat::Raw;
    domain.disks[5].format = DiskFormat::Raw;
    return domain;
}

SnapshotWish wish_of(const std::vector<DiskWish> &disks) {
    return {.online = true, .disks = disks, .name = "s1", .tag = "tag"};
}

std::vector<DiskRequest> chosen(const std::vector<DiskWish> &wishes) {
    const auto choice = choose_snapshot(of_every_disk(), wish_of(wishes));
    EXPECT_TRUE(choice) << choice.error().message;
    return choice ? choice->disks : std::vector<DiskRequest>();
}

std::string refusal(const SnapshotWish &wish) {
    const auto refused = choose_snapshot(of_every_disk(), wish);
    if (refused)
        return "";
    EXPECT_EQ(refused.error().code, ErrorCode::Invalid);
    return refused.error().message;
}

std::vector<std::string> vdevs_of(const std::vector<DiskRequest> &requests) {
    std::vector<std::string> vdevs;
    for (const DiskRequest &request : requests)
        vdevs.push_back(request.vdev);
    return vdevs;
}

TEST(SnapshotChoice, TakesEveryDiskThatTheGuestCanWrite) {
    const std::vector<DiskRequest> requests = chosen({});
    EXPECT_THAT(vdevs_of(requests), ElementsAre("xvda", "xvdb", "xvde"));
    for (const DiskRequest &request : requests)
        EXPECT_EQ(request.path, "/" + request.vdev);
    EXPECT_EQ(requests[0].format, DiskFormat::Qcow2);
    EXPECT_EQ(requests[2].format, DiskFormat::Raw);
}

TEST(SnapshotChoice, MakesAllDisksExternalWhenOneHoldsNoTags) {
    for (const DiskRequest &request : chosen({})) {
        EXPECT_TRUE(request.external);
        EXPECT_EQ(request.tag, "s1");
        EXPECT_EQ(request.overlay, "/" + request.vdev + ".s1.qcow2");
    }
    for (const DiskRequest &request : chosen({{"xvde", Wish::None}})) {
        EXPECT_FALSE(request.external);
        EXPECT_EQ(request.tag, "tag");
        EXPECT_EQ(request.overlay, "");
    }
}

TEST(SnapshotChoice, SaysWhetherMemoryTakesPart) {
    SnapshotWish wish = wish_of({});
    EXPECT_TRUE(choose_snapshot(of_every_disk(), wish)->memory);
    wish.disk_only = true;
    EXPECT_FALSE(choose_snapshot(of_every_disk(), wish)->memory);
}

TEST(SnapshotChoice, LeavesOutOnlyWhatIsNamed) {
    EXPECT_THAT(vdevs_of(chosen({{"xvdb", Wish::None}, {"xvda", Wish::Default}})),
                ElementsAre("xvda", "xvde"));
    EXPECT_THAT(chosen({{"xvda", Wish::None}, {"xvdb", Wish::None}, {"xvde", Wish::None}}),
                IsEmpty());
}

// So that the selection refuses it with its reason, instead of a snapshot without it.
TEST(SnapshotChoice, TakesADiskThatIsAskedForThoughItCannotChange) {
    EXPECT_THAT(vdevs_of(chosen({{"xvdc", Wish::Internal}, {"hdc", Wish::Internal}})),
                ElementsAre("xvda", "xvdb", "xvdc", "hdc", "xvde"));
    EXPECT_THAT(vdevs_of(chosen({{"xvdd", Wish::External}})),
                ElementsAre("xvda", "xvdb", "xvdd", "xvde"));
}

TEST(SnapshotChoice, LetsEachDiskHaveAKindOfItsOwn) {
    const std::vector<DiskRequest> requests = chosen(
        {{"xvda", Wish::Internal}, {"xvdb", Wish::External, "/o/b.qcow2"}, {"xvde", Wish::None}});
    ASSERT_EQ(requests.size(), 2U);
    EXPECT_FALSE(requests[0].external);
    EXPECT_TRUE(requests[1].external);
    EXPECT_EQ(requests[1].overlay, "/o/b.qcow2");
    EXPECT_EQ(requests[1].overlay_format, DiskFormat::Qcow2);
}

TEST(SnapshotChoice, PutsOverlaysWhereTheyAreToGo) {
    Domain domain = of_every_disk();
    domain.disks[0].path = "/dev/vg0/root";
    domain.disks[1].path = "/dev/vg1/root";
    SnapshotWish wish = wish_of({});
    wish.overlays.device_directory = "/catalog";
    auto choice = choose_snapshot(domain, wish);
    ASSERT_TRUE(choice);
    EXPECT_EQ(choice->disks[0].overlay, "/catalog/root.xvda.s1.qcow2");
    EXPECT_EQ(choice->disks[1].overlay, "/catalog/root.xvdb.s1.qcow2");
    EXPECT_EQ(choice->disks[2].overlay, "/xvde.s1.qcow2");
    wish.overlays = {};
    EXPECT_THAT(choose_snapshot(domain, wish).error().message,
                AllOf(HasSubstr("disk xvda: /dev/vg0/root is a device"), HasSubstr("disk xvdb")));
}

TEST(SnapshotChoice, RefusesWhatThereIsNot) {
    SnapshotWish nothing =
        wish_of({{"xvda", Wish::None}, {"xvdb", Wish::None}, {"xvde", Wish::None}});
    nothing.disk_only = true;
    EXPECT_THAT(refusal(nothing), HasSubstr("name at least one"));
    SnapshotWish memory = wish_of({});
    memory.memory = MemoryWish::Image;
    memory.disk_only = true;
    EXPECT_THAT(refusal(memory), HasSubstr("ask for one of the two"));
    SnapshotWish live = wish_of({{"xvdb", Wish::Internal}, {"xvde", Wish::Internal}});
    live.live = true;
    EXPECT_THAT(refusal(live), AllOf(HasSubstr("disk xvde: format raw holds no internal"),
                                     HasSubstr("disk xvdb, disk xvde: a live snapshot")));
}

TEST(SnapshotChoice, RefusesOverlaysThatARestrictedQemuCouldNotWriteTo) {
    Domain domain = of_every_disk();
    domain.hindrances.restricted_qemu = true;
    SnapshotWish wish =
        wish_of({{"xvda", Wish::External}, {"xvdb", Wish::Internal}, {"xvde", Wish::None}});
    EXPECT_TRUE(choose_snapshot(domain, wish)) << "what else stands against it is not told";
    wish.online = false;
    const auto refused = choose_snapshot(domain, wish);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, AllOf(HasSubstr("disk xvda: "), HasSubstr("dm_restrict=1"),
                                               Not(HasSubstr("xvdb"))));
    wish.disks[0].kind = Wish::Internal;
    EXPECT_TRUE(choose_snapshot(domain, wish));
}

TEST(SnapshotChoice, RefusesWishesAboutUnknownDisksAndTwoAboutOne) {
    EXPECT_THAT(refusal(wish_of({{"xvdz", Wish::None},
                                 {"xvda", Wish::None},
                                 {"xvda", Wish::None},
                                 {"", Wish::Internal}})),
                AllOf(HasSubstr("no disk 'xvdz' in it; name one of those it has, xvda"),
                      HasSubstr("disk xvda is named twice; name it once"),
                      HasSubstr("no disk ''")));
}

TEST(DiskRecords, HoldEveryDiskWithAnImage) {
    const Domain domain = of_every_disk();
    std::vector<DiskRequest> requests =
        chosen({{"xvda", Wish::None}, {"xvdb", Wish::Internal}, {"xvde", Wish::External}});
    const std::vector<DiskRecord> records = disk_records(domain, requests);
    ASSERT_EQ(records.size(), 5U);
    const DiskRecord &left_out = records[0];
    EXPECT_EQ(left_out.vdev, "xvda");
    EXPECT_EQ(left_out.path, "/xvda");
    EXPECT_EQ(left_out.format, DiskFormat::Qcow2);
    EXPECT_EQ(left_out.kind, DiskSnapshotKind::None);
    EXPECT_EQ(left_out.tag, "");
    EXPECT_TRUE(left_out.writable);
    EXPECT_EQ(records[1].kind, DiskSnapshotKind::Internal);
    EXPECT_EQ(records[1].tag, "tag");
    EXPECT_EQ(records[2].vdev, "xvdc");
    EXPECT_FALSE(records[2].writable);
    EXPECT_EQ(records[3].vdev, "hdc");
    EXPECT_FALSE(records[3].writable);
    EXPECT_EQ(records[4].kind, DiskSnapshotKind::External);
    EXPECT_EQ(records[4].tag, "");
    EXPECT_EQ(records[4].overlay, "/xvde.s1.qcow2");
    EXPECT_EQ(records[4].overlay_format, DiskFormat::Qcow2);
}

} // namespace

} // namespace xlsnap
