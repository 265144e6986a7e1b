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

std::vector<DiskRequest> chosen(const std::vector<DiskWish> &wishes) {
    const auto requests = choose_disks(of_every_disk(), wishes, "tag");
    EXPECT_TRUE(requests) << requests.error().message;
    return requests ? *requests : std::vector<DiskRequest>();
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
    for (const DiskRequest &request : requests) {
        EXPECT_EQ(request.tag, "tag");
        EXPECT_EQ(request.path, "/" + request.vdev);
        EXPECT_FALSE(request.external);
    }
    EXPECT_EQ(requests[0].format, DiskFormat::Qcow2);
    EXPECT_EQ(requests[2].format, DiskFormat::Raw);
}

TEST(SnapshotChoice, LeavesOutOnlyWhatIsNamed) {
    EXPECT_THAT(vdevs_of(chosen({{"xvdb", Wish::None}, {"xvda", Wish::Default}})),
                ElementsAre("xvda", "xvde"));
    EXPECT_THAT(chosen({{"xvda", Wish::None}, {"xvdb", Wish::None}, {"xvde", Wish::None}}),
                IsEmpty());
}

// So that the selection refuses it with its reason, instead of a snapshot without it.
TEST(SnapshotChoice, TakesADiskThatIsAskedForThoughItCannotChange) {
    EXPECT_THAT(vdevs_of(chosen({{"xvdc", Wish::Internal}, {"hdc", Wish::Default}})),
                ElementsAre("xvda", "xvdb", "xvdc", "xvde"));
}

TEST(SnapshotChoice, PassesOnWhatIsExternal) {
    const std::vector<DiskRequest> requests = chosen({{"xvdb", Wish::External}});
    EXPECT_FALSE(requests[0].external);
    EXPECT_TRUE(requests[1].external);
}

TEST(SnapshotChoice, RefusesWishesAboutUnknownDisksAndTwoAboutOne) {
    const auto refused = choose_disks(
        of_every_disk(),
        {{"xvdz", Wish::None}, {"xvda", Wish::None}, {"xvda", Wish::None}, {"", Wish::Internal}},
        "tag");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::Invalid);
    EXPECT_THAT(refused.error().message,
                AllOf(HasSubstr("no disk 'xvdz' in it; name one of those it has, xvda"),
                      HasSubstr("disk xvda is named twice; name it once"),
                      HasSubstr("no disk ''")));
}

TEST(DiskRecords, HoldEveryDiskWithAnImage) {
    const Domain domain = of_every_disk();
    std::vector<DiskRequest> requests = chosen({{"xvda", Wish::None}, {"xvde", Wish::External}});
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
}

} // namespace

} // namespace xlsnap
