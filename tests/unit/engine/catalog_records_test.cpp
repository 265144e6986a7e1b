// SPDX-License-Identifier: LGPL-2.1-only
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/catalogued_host.hpp"

namespace xlsnap::test {

namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char *kKey = CataloguedHost::kKey;

std::vector<std::string> listed(CataloguedHost &host, const std::string &from = {},
                                const SnapshotFilter &filter = {}) {
    std::vector<std::string> names;
    const auto listing = host.records.list(kKey, from, filter);
    EXPECT_TRUE(listing);
    for (const SnapshotView &view : listing->snapshots)
        names.push_back(view.record.name);
    return names;
}

TEST(CatalogRecords, AreListedByTimeAndBelowOne) {
    CataloguedHost host;
    for (const char *name : {"z", "y", "x"})
        host.create(name);
    EXPECT_THAT(listed(host), ElementsAre("z", "y", "x"));
    EXPECT_THAT(listed(host, "z"), ElementsAre("y"));
    EXPECT_THAT(listed(host, "z", {.descendants = true}), ElementsAre("y", "x"));
    EXPECT_THAT(listed(host, "", {.leaves = true}), ElementsAre("x"));
    EXPECT_EQ(host.records.list(kKey, "nobody", {}).error().code, ErrorCode::NotFound);
}

TEST(CatalogRecords, NameTheBrokenOnesWhereAllAreWanted) {
    CataloguedHost host;
    host.create("a");
    host.catalog.contents[kKey].broken.insert("b");
    EXPECT_EQ(host.records.list(kKey, "", {})->broken.size(), 1U);
    EXPECT_THAT(host.records.list(kKey, "", {.roots = true})->broken, IsEmpty());
    EXPECT_EQ(host.records.get(kKey, "b").error().code, ErrorCode::Invalid);
    EXPECT_THAT(host.records.get(kKey, "b").error().message, HasSubstr("xlsnap rebuild"));
}

TEST(CatalogRecords, AreRenamedWithoutAnyOtherChange) {
    CataloguedHost host;
    const SnapshotRecord before = host.create("a");
    host.create("b");
    ASSERT_TRUE(host.records.rename(kKey, "a", "ä b"));
    EXPECT_EQ(host.parent("b"), "ä b");
    EXPECT_EQ(host.record("ä b").id, before.id);
    EXPECT_EQ(host.images.at(FakeHost::kDiskA).tag_names().front(), before.disks[0].tag);
    host.revert("ä b");
}

TEST(CatalogRecords, AreNotRenamedToWhatIsTakenOrNoName) {
    CataloguedHost host;
    host.create("a");
    host.create("b");
    EXPECT_EQ(host.records.rename(kKey, "a", "b").error().code, ErrorCode::Invalid);
    EXPECT_EQ(host.records.rename(kKey, "a", "..").error().code, ErrorCode::Invalid);
    EXPECT_EQ(host.records.rename(kKey, "c", "d").error().code, ErrorCode::NotFound);
    EXPECT_THAT(host.names(), ElementsAre("a", "b"));
}

TEST(CatalogRecords, TakeADescriptionOfSeveralLinesAndNoControlCharacters) {
    CataloguedHost host;
    host.create("a");
    ASSERT_TRUE(host.records.describe(kKey, "a", "one\ntwo"));
    EXPECT_EQ(host.record("a").description, "one\ntwo");
    for (const std::string &text :
         {std::string("\x1b[2J"), std::string("\xff"), std::string(4097, 'x')})
        EXPECT_EQ(host.records.describe(kKey, "a", text).error().code, ErrorCode::Invalid);
    EXPECT_EQ(host.record("a").description, "one\ntwo");
}

TEST(CatalogRecords, TellAndChangeWhichIsCurrent) {
    CataloguedHost host;
    EXPECT_EQ(host.records.current(kKey).error().code, ErrorCode::NotFound);
    host.create("a");
    host.create("b");
    ASSERT_TRUE(host.records.set_current(kKey, "a"));
    EXPECT_EQ(host.current(), "a");
    ASSERT_TRUE(host.records.rename(kKey, "a", "z"));
    EXPECT_EQ(host.current(), "z");
    ASSERT_TRUE(host.records.rename(kKey, "z", "a"));
    EXPECT_EQ(host.records.set_current(kKey, "c").error().code, ErrorCode::NotFound);
    ASSERT_TRUE(host.records.set_current(kKey, ""));
    EXPECT_EQ(host.current(), "");
    host.create("c");
    EXPECT_EQ(host.parent("c"), "");
    EXPECT_EQ(host.records.parent(kKey, "c").error().code, ErrorCode::NotFound);
    EXPECT_EQ(host.records.parent(kKey, "b")->record.name, "a");
}

} // namespace

} // namespace xlsnap::test
