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
    return BlockNode{name, path, driver, true};
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

BlockNode read_only(BlockNode node) {
    node.writable = false;
    return node;
}

BlockNode over(const std::string &name, const std::string &path, const std::string &backing) {
    BlockNode overlay = node(name, path);
    overlay.backing_path = backing;
    return overlay;
}

TEST(FindDiskNodes, TakesNoBackingFileOfAnotherDiskForATwin) {
    Disk written = disk(false);
    written.writable = true;
    const std::vector<BlockNode> nodes = {node("hda-qcow2"), read_only(node("#block12")),
                                          over("hdb-qcow2", "/images/b.qcow2", "/images/a.qcow2")};
    const auto found = find_disk_nodes(written, nodes);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->live, "hda-qcow2");
    EXPECT_THAT(found->others, IsEmpty());
}

TEST(FindDiskNodes, FindsADiskThatTheGuestOnlyReads) {
    EXPECT_EQ(find_disk_nodes(disk(true), std::vector{read_only(node("hda-qcow2"))}).value().live,
              "hda-qcow2");
}

TEST(FindDiskNodes, KnowsTheOverlaysThatItNamed) {
    Disk written = disk(false);
    written.writable = true;
    std::vector<BlockNode> nodes = {node("#block134"), node("hda-qcow2")};
    for (const char *path : {"/images/o1.qcow2", "/images/o2.qcow2", "/images/o3.qcow2"}) {
        const DiskNodes before = find_disk_nodes(written, nodes).value();
        const auto overlays = name_overlays(written, before, nodes, path).value();
        ASSERT_EQ(overlays.size(), 2u);
        for (BlockNode &below : nodes)
            below.writable = false;
        for (const NodeOverlay &overlay : overlays)
            nodes.push_back(over(overlay.name, overlay.path, written.path));
        written.path = path;
        written.frontend_connected = false;
        const DiskNodes emulated = find_disk_nodes(written, nodes).value();
        EXPECT_EQ(emulated.live, overlays[0].name);
        EXPECT_THAT(emulated.others, ElementsAre(overlays[1].name));
        written.frontend_connected = true;
        const DiskNodes pv = find_disk_nodes(written, nodes).value();
        EXPECT_EQ(pv.live, overlays[1].name);
        EXPECT_THAT(pv.others, ElementsAre(overlays[0].name));
        written.frontend_connected = false;
    }
}

TEST(FindDiskNodes, GoesBackToTheBaseAfterACommit) {
    Disk written = disk(true);
    written.writable = true;
    EXPECT_EQ(find_disk_nodes(written, std::vector{node("hda-qcow2")}).value().live, "hda-qcow2");
    // The overlay was the first image of this QEMU, its backing file had a name of QEMU's.
    EXPECT_EQ(find_disk_nodes(written, std::vector{node("#block7")}).value().live, "#block7");
}

TEST(NameOverlays, TakesNoNameThatIsThere) {
    const std::vector<BlockNode> nodes = {node("hda-qcow2"), node("xlsnap-hda-pv1", "/images/o"),
                                          node("xlsnap-hda-pv2", "/images/p")};
    const auto overlays = name_overlays(disk(true), {"hda-qcow2", {}}, nodes, "/images/q");
    ASSERT_TRUE(overlays);
    ASSERT_EQ(overlays->size(), 1u);
    EXPECT_EQ(overlays->front().below, "hda-qcow2");
    EXPECT_EQ(overlays->front().name, "xlsnap-hda-pv3");
    EXPECT_EQ(overlays->front().path, "/images/q");
}

TEST(NameOverlays, NamesSeveralEmulatedNodesApart) {
    const std::vector<BlockNode> nodes = {node("#block1"), node("#block2")};
    const auto overlays = name_overlays(disk(false), {"#block1", {"#block2"}}, nodes, "/images/q");
    ASSERT_TRUE(overlays);
    ASSERT_EQ(overlays->size(), 2u);
    EXPECT_NE((*overlays)[0].name, (*overlays)[1].name);
}

TEST(NameOverlays, RefusesADiskThatNoNodeCanBeNamedAfter) {
    for (const char *vdev : {"", "xv/da", "xvda xvdb", "d123456789p123456789"}) {
        Disk odd = disk(true);
        odd.vdev = vdev;
        const auto overlays = name_overlays(odd, {"#block1", {}}, {}, "/images/q");
        ASSERT_FALSE(overlays) << vdev;
        EXPECT_EQ(overlays.error().code, ErrorCode::Invalid);
    }
}

TEST(FindChain, GoesDownToTheNodeWithoutABackingFile) {
    const std::vector<BlockNode> nodes = {node("base", "/i/a"), over("top", "/i/c", "/i/b"),
                                          over("mid", "/i/b", "/i/a"), node("other", "/i/x")};
    EXPECT_THAT(find_chain("top", nodes).value(), ElementsAre("top", "mid", "base"));
    EXPECT_THAT(find_chain("base", nodes).value(), ElementsAre("base"));
    EXPECT_EQ(find_chain("gone", nodes).error().code, ErrorCode::NotFound);
}

TEST(FindChain, DoesNotGuessWhichOfTwoNodesIsMeant) {
    const std::vector<BlockNode> nodes = {over("top", "/i/b", "/i/a"), node("base", "/i/a"),
                                          node("twin", "/i/a")};
    EXPECT_EQ(find_chain("top", nodes).error().code, ErrorCode::NotReady);
}

TEST(FindChain, RefusesAChainThatHasNoEnd) {
    const std::vector<BlockNode> loop = {over("a", "/i/a", "/i/b"), over("b", "/i/b", "/i/a")};
    EXPECT_EQ(find_chain("a", loop).error().code, ErrorCode::Invalid);
    EXPECT_EQ(find_chain("a", std::vector{over("a", "/i/a", "/i/b")}).error().code,
              ErrorCode::Invalid);
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
