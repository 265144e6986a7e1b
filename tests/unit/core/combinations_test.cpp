// SPDX-License-Identifier: LGPL-2.1-only
#include "core/combinations.hpp"

#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "combination_cells.hpp"
#include "one_disk_combination.hpp"

namespace xlsnap {

namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Kind = DiskSnapshotKind;
using Wish = DiskWishKind;

MemoryWish memory_wish(std::string_view word) {
    if (word == "default")
        return MemoryWish::Default;
    return word == "none" ? MemoryWish::None : MemoryWish::Image;
}

Wish disk_wish(std::string_view word) {
    if (word == "default")
        return Wish::Default;
    if (word == "none")
        return Wish::None;
    return word == "internal" ? Wish::Internal : Wish::External;
}

AskedCombination asked_in(const CombinationCell &cell, bool tags) {
    return {.online = std::string_view(cell.domain) == "online",
            .memory = memory_wish(cell.memory),
            .disk_only = *cell.disk_only != '\0',
            .live = *cell.live != '\0',
            .disks = {{disk_wish(cell.disk), true, tags}}};
}

class CombinationOf : public ::testing::TestWithParam<CombinationCell> {};

TEST_P(CombinationOf, IsWhatTheTableSays) {
    EXPECT_EQ(words_of(combine(asked_in(GetParam(), true))), GetParam().on_qcow2);
    EXPECT_EQ(words_of(combine(asked_in(GetParam(), false))), GetParam().on_raw);
}

INSTANTIATE_TEST_SUITE_P(Cells, CombinationOf, ::testing::ValuesIn(kCombinationCells),
                         [](const auto &tested) {
                             const CombinationCell &cell = tested.param;
                             std::string name = std::string(cell.domain) + "_memory_" +
                                                cell.memory + "_disk_" + cell.disk;
                             name += *cell.disk_only == '\0' ? "" : "_alone";
                             return name + (*cell.live == '\0' ? "" : "_live");
                         });

std::vector<Kind> kinds_of(const std::vector<AskedDisk> &disks, bool disk_only = false,
                           bool live = false) {
    const Combination combination =
        combine({.online = true, .disk_only = disk_only, .live = live, .disks = disks});
    EXPECT_EQ(combination.refusals.size(), 0U);
    return combination.disks;
}

TEST(Combinations, DifferPerDiskOnlyWhenThatIsSaid) {
    EXPECT_THAT(kinds_of({{Wish::Default}, {Wish::Default, true, false}}),
                ElementsAre(Kind::External, Kind::External));
    EXPECT_THAT(kinds_of({{Wish::Internal}, {Wish::External}, {Wish::None}}),
                ElementsAre(Kind::Internal, Kind::External, Kind::None));
}

TEST(Combinations, SpareARunningGuestTagsThatAreSlowToMake) {
    AskedCombination asked{.online = true, .slow_tags = true, .disks = {{Wish::Default}}};
    EXPECT_THAT(combine(asked).disks, ElementsAre(Kind::External));
    asked.disks.push_back({Wish::Internal});
    EXPECT_THAT(combine(asked).disks, ElementsAre(Kind::Internal, Kind::Internal));
    asked.disks.pop_back();
    asked.online = false;
    EXPECT_THAT(combine(asked).disks, ElementsAre(Kind::Internal));
}

TEST(Combinations, TreatADiskOfWhichNothingIsSaidAsTheOthers) {
    EXPECT_THAT(kinds_of({{Wish::External}, {Wish::Default}}),
                ElementsAre(Kind::External, Kind::External));
    EXPECT_THAT(kinds_of({{Wish::Internal}, {Wish::Default}}, true),
                ElementsAre(Kind::Internal, Kind::Internal));
    EXPECT_THAT(kinds_of({{Wish::Internal}, {Wish::External}, {Wish::Default}}),
                ElementsAre(Kind::Internal, Kind::External, Kind::Internal));
    EXPECT_THAT(kinds_of({{Wish::Internal}, {Wish::Default, true, false}}),
                ElementsAre(Kind::Internal, Kind::External));
}

TEST(Combinations, LeaveOutADiskThatCannotChange) {
    EXPECT_THAT(kinds_of({{Wish::Default}, {Wish::Default, false, false}}),
                ElementsAre(Kind::Internal, Kind::None));
}

TEST(Combinations, AskNothingOfTheFormatOfADiskThatIsLeftOut) {
    EXPECT_THAT(kinds_of({{Wish::Default}, {Wish::None, true, false}}),
                ElementsAre(Kind::Internal, Kind::None));
}

// What is wrong with it the selection says.
TEST(Combinations, AskNothingOfTheFormatOfADiskThatCannotChange) {
    EXPECT_THAT(kinds_of({{Wish::Internal, false, false}, {Wish::Default}}),
                ElementsAre(Kind::Internal, Kind::Internal));
}

TEST(Combinations, TellEveryDiskThatIsRefused) {
    const Combination refused =
        combine({.online = true,
                 .live = true,
                 .disks = {{Wish::External}, {Wish::Internal}, {Wish::Internal, true, false}}});
    ASSERT_EQ(refused.refusals.size(), 3U);
    EXPECT_EQ(refused.refusals[0].disk, 1U);
    EXPECT_EQ(refused.refusals[0].why, CombinationRefusal::LiveWithInternal);
    EXPECT_EQ(refused.refusals[1].disk, 2U);
    EXPECT_EQ(refused.refusals[1].why, CombinationRefusal::InternalWithoutTags);
    EXPECT_EQ(refused.refusals[2].disk, 2U);
    EXPECT_EQ(refused.refusals[2].why, CombinationRefusal::LiveWithInternal);
}

TEST(Combinations, NeedADiskOrMemoryAlsoOfADomainWithoutDisks) {
    EXPECT_EQ(words_of(combine({.online = true})), "memory");
    EXPECT_EQ(words_of(combine({.online = false})), "refused 1");
}

TEST(Combinations, AdviseAnExternalSnapshotOnlyWhereThereIsOne) {
    constexpr auto why = CombinationRefusal::InternalWithoutTags;
    EXPECT_THAT(reason_of(why, DiskFormat::Raw), HasSubstr("raw holds no internal snapshots; ask"));
    EXPECT_THAT(reason_of(why, DiskFormat::Vhd), HasSubstr("vhd holds no internal snapshots; con"));
}

} // namespace

} // namespace xlsnap
