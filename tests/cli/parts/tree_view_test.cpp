// SPDX-License-Identifier: LGPL-2.1-only
#include "cli/tree_view.hpp"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace xlsnap::cli {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr Screen kTreeFile{0, true};

const std::vector<TreeEntry> kTwoBranches = {
    {"install", "", "", false},     {"update", "install", "", false}, {"web", "update", "", false},
    {"mail", "install", "", false}, {"test", "update", "", true},     {"other", "", "", false},
};

TEST(Forest, HasItsBranchesInTheOrderOfTheEntries) {
    EXPECT_EQ(draw_forest(kTwoBranches, kTreeFile), "install\n"
                                                    "├─ update\n"
                                                    "│  ├─ web\n"
                                                    "│  └─ test (current)\n"
                                                    "└─ mail\n"
                                                    "other\n");
}

TEST(Forest, IsDrawnInAsciiWhereThereIsNoUnicode) {
    EXPECT_EQ(draw_forest(kTwoBranches, {0, false}), "install\n"
                                                     "|- update\n"
                                                     "|  |- web\n"
                                                     "|  `- test (current)\n"
                                                     "`- mail\n"
                                                     "other\n");
}

TEST(Forest, OfNothingIsEmpty) {
    EXPECT_EQ(draw_forest({}, kTreeFile), "");
}

TEST(Forest, FindsAParentThatComesLater) {
    EXPECT_EQ(draw_forest({{"b", "a", "", false}, {"a", "", "", false}}, kTreeFile), "a\n└─ b\n");
}

TEST(Forest, ShowsAnEntryWhoseParentIsNotThereAsARoot) {
    EXPECT_EQ(draw_forest({{"b", "gone", "", false}, {"c", "b", "", false}}, kTreeFile),
              "b\n└─ c\n");
}

TEST(Forest, ShowsACircleOnce) {
    EXPECT_EQ(draw_forest({{"a", "c", "", false},
                           {"b", "a", "", false},
                           {"c", "b", "", false},
                           {"self", "self", "", false}},
                          kTreeFile),
              "a\n└─ b\n   └─ c\nself\n");
}

TEST(Forest, CutsANameAndNotWhatMarksIt) {
    const std::vector<TreeEntry> entries = {{"a long name of a snapshot", "", "", true}};
    EXPECT_EQ(draw_forest(entries, {20, true}), "a long na… (current)\n");
}

TEST(Forest, LetsNoControlCharacterThrough) {
    EXPECT_EQ(draw_forest({{"a\x1b", "", "two\nlines", false}}, kTreeFile),
              "a\\x1b  two\\nlines\n");
}

std::vector<TreeEntry> chain(int length) {
    std::vector<TreeEntry> entries = {{"s0", "", "", false}};
    for (int i = 1; i < length; ++i)
        entries.push_back({"s" + std::to_string(i), "s" + std::to_string(i - 1), "", false});
    return entries;
}

TEST(Forest, NamesTheParentOfWhatIsTooDeepToBeIndented) {
    EXPECT_EQ(draw_forest(chain(4), {12, true}), "s0\n"
                                                 "└─ s1\n"
                                                 "   ├─ s2\n"
                                                 "   └─ s3 (c…\n");
    EXPECT_THAT(draw_forest(chain(66), kTreeFile), HasSubstr("─ s65 (child of s64)\n"));
    EXPECT_THAT(draw_forest(chain(66), kTreeFile), HasSubstr("─ s63\n"));
}

TEST(Forest, OfALongChainGrowsNoFasterThanTheChain) {
    const std::string forest = draw_forest(chain(10000), kTreeFile);
    EXPECT_THAT(forest, StartsWith("s0\n└─ s1\n   └─ s2\n"));
    EXPECT_THAT(forest, EndsWith("└─ s9999 (child of s9998)\n"));
    EXPECT_LT(forest.size(), 10000U * 300);
}

} // namespace
} // namespace xlsnap::cli
