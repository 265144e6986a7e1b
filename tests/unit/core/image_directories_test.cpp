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

TEST(ImageDirectories, OfSeveralFilesAreNamedOnce) {
    EXPECT_THAT(directories_of({"/b/1", "/a/x/1", "/b/2"}), ElementsAre("/a/x", "/b"));
    EXPECT_THAT(directories_of({"/image"}), ElementsAre("/"));
}

TEST(ImageDirectories, AnOverlayIsAnImageWithData) {
    DiskRecord disk = disk_on("/base/1");
    disk.kind = DiskSnapshotKind::External;
    disk.overlay = "/fast/1.overlay";
    EXPECT_THAT(images_with_data(snapshot_of({disk})), ElementsAre("/base/1", "/fast/1.overlay"));
}

TEST(ImageDirectories, WhatHoldsNoDataOfTheDomainIsLeftOut) {
    DiskRecord left_out = disk_on("/iso/1");
    left_out.kind = DiskSnapshotKind::None;
    EXPECT_THAT(images_with_data(snapshot_of({left_out})), ElementsAre("/iso/1"));
    left_out.writable = false;
    EXPECT_THAT(images_with_data(snapshot_of({left_out})), IsEmpty());
    EXPECT_THAT(images_with_data(snapshot_of({disk_on("rbd:pool/1"), disk_on("")})), IsEmpty());
}

} // namespace
} // namespace xlsnap::test
