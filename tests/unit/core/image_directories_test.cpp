// SPDX-License-Identifier: LGPL-2.1-only
#include "core/image_directories.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace xlsnap::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

DiskRecord disk_on(const std::string &path) {
    DiskRecord disk;
    disk.kind = DiskSnapshotKind::Internal;
    disk.path = path;
    return disk;
}

SnapshotRecord snapshot_of(std::vector<DiskRecord> disks) {
    SnapshotRecord record;
    record.disks = std::move(disks);
    return record;
}

TEST(ImageDirectories, NamesEachOnce) {
    EXPECT_THAT(
        image_directories(snapshot_of({disk_on("/b/1"), disk_on("/a/x/1"), disk_on("/b/2")})),
        ElementsAre("/a/x", "/b"));
    EXPECT_THAT(image_directories(snapshot_of({disk_on("/image")})), ElementsAre("/"));
}

TEST(ImageDirectories, KnowsThatOfAnOverlay) {
    DiskRecord disk = disk_on("/base/1");
    disk.kind = DiskSnapshotKind::External;
    disk.overlay = "/fast/1.overlay";
    EXPECT_THAT(image_directories(snapshot_of({disk})), ElementsAre("/base", "/fast"));
}

TEST(ImageDirectories, LeavesOutWhatHoldsNoDataOfTheDomain) {
    DiskRecord cdrom = disk_on("/iso/1");
    cdrom.kind = DiskSnapshotKind::None;
    EXPECT_THAT(image_directories(snapshot_of({cdrom})), ElementsAre("/iso"));
    cdrom.writable = false;
    EXPECT_THAT(image_directories(snapshot_of({cdrom})), IsEmpty());
    EXPECT_THAT(image_directories(snapshot_of({disk_on("rbd:pool/1"), disk_on("")})), IsEmpty());
}

} // namespace
} // namespace xlsnap::test
