// SPDX-License-Identifier: LGPL-2.1-only
#include <algorithm>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/snapshot_tree.hpp"
#include "snapshot_records.hpp"

namespace xlsnap {

namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

using Records = std::vector<SnapshotRecord>;
using Names = std::vector<std::string>;

// a - b - d, a - c, r alone; d is older than its parent, since the clock was set.
Records family() {
    return {make_record("d", "b", 5), make_record("a", "", 10), make_record("b", "a", 20),
            make_record("c", "a", 30), make_record("r", "", 25)};
}

Names selected(const Records &records, const SnapshotFilter &filter, const char *from = nullptr) {
    const SnapshotTree tree(records);
    return names_of(tree.select(filter, from == nullptr ? nullptr : tree.find_name(from)));
}

TEST(SnapshotTree, FindsByNameAndId) {
    Records records = family();
    records[2].name = "before upgrade";
    const SnapshotTree tree(records);
    EXPECT_EQ(tree.find_name("before upgrade"), &records[2]);
    EXPECT_EQ(tree.find_id("b"), &records[2]);
    EXPECT_EQ(tree.find_name("b"), nullptr);
    EXPECT_EQ(tree.find_id("before upgrade"), nullptr);
    EXPECT_EQ(tree.find_id(""), nullptr);
}

TEST(SnapshotTree, KnowsDescent) {
    const Records records = family();
    const SnapshotTree tree(records);
    const SnapshotRecord &a = *tree.find_id("a");
    const SnapshotRecord &d = *tree.find_id("d");
    EXPECT_EQ(tree.parent(a), nullptr);
    EXPECT_EQ(tree.parent(d), tree.find_id("b"));
    EXPECT_THAT(names_of(tree.children(a)), ElementsAre("b", "c"));
    EXPECT_THAT(tree.children(d), IsEmpty());
    EXPECT_THAT(names_of(tree.descendants(a)), ElementsAre("b", "d", "c"));
    EXPECT_THAT(tree.descendants(d), IsEmpty());
    EXPECT_EQ(tree.depth(a), 0U);
    EXPECT_EQ(tree.depth(d), 2U);
}

TEST(SnapshotTree, ListsByTimeThenByName) {
    Records records = family();
    records[3].creation_time = 20; // of b too
    std::ranges::reverse(records);
    EXPECT_THAT(selected(records, {}), ElementsAre("d", "a", "b", "c", "r"));
}

TEST(SnapshotTree, ListsParentsFirstWhenAskedTo) {
    EXPECT_THAT(selected(family(), {.topological = true}), ElementsAre("a", "b", "d", "c", "r"));
}

TEST(SnapshotTree, ListsWhatIsBelowASnapshot) {
    EXPECT_THAT(selected(family(), {}, "a"), ElementsAre("b", "c"));
    EXPECT_THAT(selected(family(), {.descendants = true}, "a"), ElementsAre("d", "b", "c"));
    EXPECT_THAT(selected(family(), {.descendants = true, .topological = true}, "a"),
                ElementsAre("b", "d", "c"));
    EXPECT_THAT(selected(family(), {.descendants = true}, "r"), IsEmpty());
}

TEST(SnapshotTree, AsksForRootsOnlyAboutAllSnapshots) {
    EXPECT_THAT(selected(family(), {.roots = true}), ElementsAre("a", "r"));
    EXPECT_THAT(selected(family(), {.roots = true}, "a"), ElementsAre("b", "c"));
    EXPECT_THAT(selected(family(), {.descendants = true}), SizeIs(5));
}

TEST(SnapshotTree, TellsLeavesFromOthers) {
    EXPECT_THAT(selected(family(), {.leaves = true}), ElementsAre("d", "r", "c"));
    EXPECT_THAT(selected(family(), {.no_leaves = true}), ElementsAre("a", "b"));
    EXPECT_THAT(selected(family(), {.leaves = true, .no_leaves = true}), SizeIs(5));
}

TEST(SnapshotTree, TellsMemoryInactiveAndDiskOnlyApart) {
    Records records = family();
    records[1].memory.reset();
    records[1].state = SnapshotState::Inactive;
    records[2].memory.reset();
    EXPECT_THAT(selected(records, {.active = true}), ElementsAre("d", "r", "c"));
    EXPECT_THAT(selected(records, {.inactive = true}), ElementsAre("a"));
    EXPECT_THAT(selected(records, {.disk_only = true}), ElementsAre("b"));
    EXPECT_THAT(selected(records, {.inactive = true, .disk_only = true}), ElementsAre("a", "b"));
}

TEST(SnapshotTree, CallsExternalWhatHasAnExternalDisk) {
    Records records = family();
    records[0].disks = {make_disk_record("xvda", "/a", DiskSnapshotKind::Internal),
                        make_disk_record("xvdb", "/b", DiskSnapshotKind::External)};
    records[1].disks = {make_disk_record("xvda", "/a", DiskSnapshotKind::Internal)};
    EXPECT_THAT(selected(records, {.external = true}), ElementsAre("d"));
    EXPECT_THAT(selected(records, {.internal = true}), ElementsAre("a", "b", "r", "c"));
}

TEST(SnapshotTree, WantsOneOfEachGroup) {
    EXPECT_THAT(selected(family(), {.roots = true, .leaves = true, .active = true}),
                ElementsAre("r"));
    EXPECT_THAT(selected(family(), {.leaves = true, .inactive = true}), IsEmpty());
}

TEST(SnapshotTree, IsEmptyOfNothing) {
    EXPECT_THAT(selected({}, {}), IsEmpty());
    EXPECT_THAT(selected({}, {.topological = true}), IsEmpty());
}

TEST(SnapshotTree, MakesARootOfWhatHasNoParentThatIsThere) {
    const Records records = {make_record("a", "gone", 1), make_record("b", "b", 2),
                             make_record("c", "a", 3)};
    const SnapshotTree tree(records);
    EXPECT_EQ(tree.parent(records[0]), nullptr);
    EXPECT_EQ(tree.parent(records[1]), nullptr);
    EXPECT_THAT(selected(records, {.roots = true}), ElementsAre("a", "b"));
    EXPECT_THAT(selected(records, {.topological = true}), ElementsAre("a", "c", "b"));
}

TEST(SnapshotTree, CutsARingAtItsOldestMember) {
    // x hangs on the ring a -> c -> b -> a and is older than all of it.
    const Records records = {make_record("x", "c", 1), make_record("c", "b", 4),
                             make_record("b", "a", 3), make_record("a", "c", 2)};
    const SnapshotTree tree(records);
    EXPECT_EQ(tree.parent(*tree.find_id("a")), nullptr);
    EXPECT_EQ(tree.depth(*tree.find_id("x")), 3U);
    EXPECT_THAT(selected(records, {.roots = true}), ElementsAre("a"));
    EXPECT_THAT(selected(records, {.topological = true}), ElementsAre("a", "b", "c", "x"));
}

TEST(SnapshotTree, FindsTheFirstOfTwoRecordsWithOneId) {
    Records records = {make_record("a", "", 1), make_record("a", "", 2), make_record("b", "a", 3)};
    records[1].name = "copy";
    const SnapshotTree tree(records);
    EXPECT_EQ(tree.find_id("a"), &records[0]);
    EXPECT_THAT(names_of(tree.children(records[0])), ElementsAre("b"));
    EXPECT_THAT(tree.children(records[1]), IsEmpty());
}

// The longest chain that a recursion would not survive, in the order that is worst for it.
TEST(SnapshotTree, BearsAChainOfAHundredThousand) {
    constexpr std::size_t kLength = 100'000;
    Records records;
    for (std::size_t i = kLength; i > 0; --i)
        records.push_back(make_record(std::to_string(i), std::to_string(i - 1), i));
    const SnapshotTree tree(records);
    EXPECT_EQ(tree.depth(records.front()), kLength - 1);
    EXPECT_EQ(tree.descendants(records.back()).size(), kLength - 1);
}

} // namespace

} // namespace xlsnap
