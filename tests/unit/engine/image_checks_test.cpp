// SPDX-License-Identifier: LGPL-2.1-only
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/fake_host.hpp"
#include "engine/image_checks.hpp"

namespace xlsnap::test {

namespace {

using ::testing::HasSubstr;

TEST(FreeImagePath, HasTheNextNumberWhoseImageIsNotThere) {
    FakeHost host;
    host.images.add("/images/a.s1.1.qcow2", "");
    const auto path = free_image_path(host.disk_images, FakeHost::kDiskA, "s1", "", {});
    EXPECT_EQ(path.value_or(""), "/images/a.s1.2.qcow2");
}

TEST(FreeImagePath, IsNotThatOfAnImageWhichNobodyCanLookAt) {
    FakeHost host;
    host.disk_images.fail_next("examine", {ErrorCode::Fail, "no permission"});
    const auto path = free_image_path(host.disk_images, FakeHost::kDiskA, "s1", "", {});
    EXPECT_EQ(path.value_or(""), "/images/a.s1.2.qcow2");
}

// As many images as this, the disk's own included.
void stand_on_each_other(FakeHost &host, int images) {
    std::string upper = FakeHost::kDiskA;
    for (int i = 1; i < images; ++i) {
        const std::string lower = "/images/below" + std::to_string(i);
        host.images.add(lower, "");
        host.images.at(upper).backing = lower;
        host.images.at(upper).backing_format = DiskFormat::Qcow2;
        upper = lower;
    }
}

Refusals check_overlay_over(int images) {
    FakeHost host;
    stand_on_each_other(host, images);
    DiskTarget target{"xvda", FakeHost::kDiskA, DiskFormat::Qcow2, "s1"};
    target.kind = DiskSnapshotKind::External;
    target.overlay = "/images/new.qcow2";
    return check_new_overlays(host.ports(), {target});
}

TEST(NewOverlays, AreRefusedWhereNinetyImagesStandOnEachOther) {
    EXPECT_TRUE(check_overlay_over(89).empty());
    const Status refused = check_overlay_over(90).status();
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("90 images stand on each other"));
}

// A MiB each, and a little for tables.
Refusals check_two_overlays(const std::string &second) {
    FakeHost host;
    host.image_chains.free = 3U << 19U;
    std::vector<DiskTarget> targets{{"xvda", FakeHost::kDiskA, DiskFormat::Qcow2, "s1"},
                                    {"xvdb", FakeHost::kDiskB, DiskFormat::Qcow2, "s1"}};
    for (DiskTarget &target : targets)
        target.kind = DiskSnapshotKind::External;
    targets[0].overlay = "/images/a.s1.qcow2";
    targets[1].overlay = second;
    return check_new_overlays(host.ports(), targets);
}

TEST(NewOverlays, HaveRoomTogether) {
    EXPECT_TRUE(check_two_overlays("/other/b.s1.qcow2").empty());
    const Status refused = check_two_overlays("/images/b.s1.qcow2").status();
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("/images/a.s1.qcow2 and /images/b.s1.qcow2"));
}

TEST(ImagesForRevert, HaveRoomTogether) {
    FakeHost host;
    const auto check = [&] {
        std::vector<DiskTarget> targets{{"xvda", FakeHost::kDiskA, DiskFormat::Qcow2, "s1"},
                                        {"xvdb", FakeHost::kDiskB, DiskFormat::Qcow2, "s1"}};
        for (DiskTarget &target : targets) {
            target.way = RevertWay::NewOverlay;
            target.new_image = "/images/" + target.vdev;
        }
        return check_images_for_revert(host.ports(), targets);
    };
    EXPECT_TRUE(check().empty());
    host.image_chains.free = 3U << 19U;
    EXPECT_FALSE(check().empty());
}

} // namespace

} // namespace xlsnap::test
