// SPDX-License-Identifier: LGPL-2.1-only
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/block_node.hpp"

namespace xlsnap {

namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Disk disk(bool frontend_connected) {
    Disk disk;
    disk.vdev = "hda";
    disk.path = "/images/a.qcow2";
    disk.format = DiskFormat::Qcow2;
    disk.frontend_connected = frontend_connected;
    return disk;
}

BlockNode node(const std::string &name, const std::string &path = "/images/a.qcow2",
               const std::string &driver = "qcow2") {
    return BlockNode{name, path, driver, true, {}};
}

TEST(FindDiskNodes, TakesTheOnlyNode) {
    const std::vector<BlockNode> nodes = {node("hdb-qcow2", "/images/b.qcow2"), node("hda-qcow2")};
    const auto found = find_disk_nodes(disk(true), nodes);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->live, "hda-qcow2");
    EXPECT_THAT(found->others, IsEmpty());
}

TEST(FindDiskNodes, PrefersTheEmulatedNodeUntilTheFrontEndIsConnected) {
    const std::vector<BlockNode> nodes = {node("hda-qcow2"), node("#block134")};
    const auto booting = find_disk_nodes(disk(false), nodes);
    ASSERT_TRUE(booting);
    EXPECT_EQ(booting->live, "#block134");
    EXPECT_THAT(booting->others, ElementsAre("hda-qcow2"));
    const auto connected = find_disk_nodes(disk(true), nodes);
    ASSERT_TRUE(connected);
    EXPECT_EQ(connected->live, "hda-qcow2");
    EXPECT_THAT(connected->others, ElementsAre("#block134"));
}

TEST(FindDiskNodes, FindsAnEmulatedNodeAlone) {
    const std::vector<BlockNode> nodes = {node("#block134")};
    EXPECT_EQ(find_disk_nodes(disk(true), nodes).value().live, "#block134");
}

TEST(FindDiskNodes, DoesNotTakeAnotherImageOrFormatForTheDisk) {
    const std::vector<BlockNode> nodes = {node("hda-qcow2", "/images/old.qcow2"),
                                          node("#block1", "/images/a.qcow2", "file")};
    const auto missing = find_disk_nodes(disk(true), nodes);
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, ErrorCode::NotFound);
    EXPECT_THAT(missing.error().message, HasSubstr("no qcow2 node on /images/a.qcow2"));
}

TEST(FindTag, ComparesNamesNotIds) {
    const std::vector<Tag> tags = {{"1", "2"}, {"2", "s1"}};
    EXPECT_EQ(find_tag(tags, "2")->id, "1");
    EXPECT_EQ(find_tag(tags, "1"), nullptr);
}

TEST(FindOnlyTag, RefusesANameThatStandsTwice) {
    const std::vector<Tag> tags{{"1", "s1"}, {"2", "s2"}, {"3", "s2"}};
    EXPECT_EQ(find_only_tag(tags, "s1")->id, "1");
    EXPECT_EQ(find_only_tag(tags, "s2").error().code, ErrorCode::Invalid);
    EXPECT_EQ(find_only_tag(tags, "s3").error().code, ErrorCode::NotFound);
}

} // namespace

} // namespace xlsnap
