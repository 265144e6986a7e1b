// SPDX-License-Identifier: LGPL-2.1-only
#include "cli/prune.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/parts/snapshot_list.hpp"

namespace xlsnap::cli {
namespace {

using test::malloced;
using test::SnapshotList;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::uint64_t kNow = 1000000;

class Prune : public testing::Test {
  protected:
    [[nodiscard]] std::vector<std::string> keeping(std::size_t count) const {
        return to_prune(list_.all(), {.keep = count, .older_than = {}}, kNow);
    }
    [[nodiscard]] std::vector<std::string> older_than(std::uint64_t age) const {
        return to_prune(list_.all(), {.keep = {}, .older_than = age}, kNow);
    }

    SnapshotList list_;
};

class PruneOfAChain : public Prune {
  protected:
    void SetUp() override {
        list_.add("a", kNow - 400);
        list_.add("b", kNow - 300, "a");
        list_.add("c", kNow - 200, "b");
        list_.add("d", kNow - 100, "c").current = true;
    }
};

TEST_F(PruneOfAChain, KeepsTheNewestAndTakesChildrenBeforeTheirParents) {
    EXPECT_THAT(keeping(2), ElementsAre("b", "a"));
    EXPECT_THAT(keeping(4), IsEmpty());
    EXPECT_THAT(keeping(9), IsEmpty());
}

TEST_F(PruneOfAChain, NeverTakesTheCurrentSnapshot) {
    EXPECT_THAT(keeping(0), ElementsAre("c", "b", "a"));
    EXPECT_THAT(older_than(0), ElementsAre("c", "b", "a"));
}

TEST_F(PruneOfAChain, TakesWhatIsOlderThanTheAge) {
    EXPECT_THAT(older_than(300), ElementsAre("a"));
    EXPECT_THAT(older_than(299), ElementsAre("b", "a"));
    EXPECT_THAT(older_than(kNow * 2), IsEmpty());
}

TEST_F(PruneOfAChain, TakesWhatBothRulesTake) {
    const PruneRules rules = {.keep = 1, .older_than = 299};
    EXPECT_THAT(to_prune(list_.all(), rules, kNow), ElementsAre("b", "a"));
    EXPECT_THAT(to_prune(list_.all(), {.keep = 3, .older_than = 0}, kNow), ElementsAre("a"));
}

TEST_F(PruneOfAChain, TakesNothingWithoutARule) {
    EXPECT_THAT(to_prune(list_.all(), {}, kNow), IsEmpty());
}

TEST_F(Prune, SparesTheProtectedAndTheBroken) {
    list_.add("old", 1);
    list_.add("precious", 2).is_protected = true;
    list_.add("damaged", 0).broken = malloced("its checksum is wrong");
    list_.add("new", 3);
    EXPECT_THAT(keeping(0), ElementsAre("new", "old"));
    EXPECT_THAT(keeping(2), ElementsAre("old")) << "the protected one counts, the broken one not";
}

TEST_F(Prune, SparesASnapshotOfTheFuture) {
    list_.add("tomorrow", kNow + 86400);
    list_.add("now", kNow);
    EXPECT_THAT(older_than(0), IsEmpty());
}

TEST_F(Prune, TakesLeavesFirstWhateverTheirTimes) {
    list_.add("young parent", 300);
    list_.add("old child", 100, "young parent");
    list_.add("other", 200);
    EXPECT_THAT(keeping(0), ElementsAre("old child", "young parent", "other"));
}

TEST_F(Prune, OfOneSecondKeepsTheLaterInTheList) {
    list_.add("first", 5);
    list_.add("second", 5);
    EXPECT_THAT(keeping(1), ElementsAre("first"));
}

TEST_F(Prune, EndsWithACircle) {
    list_.add("a", 1, "b");
    list_.add("b", 2, "a");
    list_.add("self", 3, "self");
    EXPECT_THAT(keeping(1), ElementsAre("b", "a"));
}

} // namespace
} // namespace xlsnap::cli
