// SPDX-License-Identifier: LGPL-2.1-only
#include <initializer_list>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/snapshot_deletion.hpp"
#include "snapshot_records.hpp"

namespace xlsnap {

namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

using Snapshots = std::vector<SnapshotRecord>;

// a - b - d, b - e, a - c
Snapshots two_branches() {
    return {make_record("a", "", 1), make_record("b", "a", 2), make_record("c", "a", 3),
            make_record("d", "b", 4), make_record("e", "b", 5)};
}

DomainRecord domain_at(const std::string &current_id) {
    DomainRecord domain;
    domain.current_id = current_id;
    return domain;
}

SnapshotDeletion planned(const Snapshots &records, const std::string &current, const char *name,
                         const DeletionWish &wish = {}) {
    auto plan = plan_deletion(records, domain_at(current), name, wish);
    EXPECT_TRUE(plan) << plan.error().message;
    return plan ? *plan : SnapshotDeletion();
}

Error refusal(const Snapshots &records, const char *name, const DeletionWish &wish = {}) {
    const auto plan = plan_deletion(records, domain_at(""), name, wish);
    EXPECT_FALSE(plan);
    return plan ? Error() : plan.error();
}

TEST(SnapshotDeletion, GivesTheChildrenToTheParent) {
    const SnapshotDeletion plan = planned(two_branches(), "c", "b");
    EXPECT_THAT(plan.ids, ElementsAre("b"));
    EXPECT_THAT(plan.reparented, UnorderedElementsAre(NewParent{"d", "a"}, NewParent{"e", "a"}));
    EXPECT_EQ(plan.current_id, "c");
}

TEST(SnapshotDeletion, MakesRootsOfTheChildrenOfARoot) {
    const SnapshotDeletion plan = planned(two_branches(), "a", "a");
    EXPECT_THAT(plan.reparented, UnorderedElementsAre(NewParent{"b", ""}, NewParent{"c", ""}));
    EXPECT_EQ(plan.current_id, "");
}

TEST(SnapshotDeletion, MakesTheParentCurrentForIt) {
    EXPECT_EQ(planned(two_branches(), "b", "b").current_id, "a");
}

TEST(SnapshotDeletion, TakesDescendantsAlongLeavesFirst) {
    const SnapshotDeletion plan = planned(two_branches(), "e", "b", {.children = true});
    EXPECT_THAT(plan.ids, ElementsAre("e", "d", "b"));
    EXPECT_THAT(plan.reparented, IsEmpty());
    EXPECT_EQ(plan.current_id, "a");
}

TEST(SnapshotDeletion, TakesDescendantsAlone) {
    const SnapshotDeletion plan = planned(two_branches(), "e", "b", {.children_only = true});
    EXPECT_THAT(plan.ids, ElementsAre("e", "d"));
    EXPECT_EQ(plan.current_id, "b");
    EXPECT_THAT(planned(two_branches(), "e", "c", {.children_only = true}).ids, IsEmpty());
}

TEST(SnapshotDeletion, LeavesACurrentOneThatIsUnknownAlone) {
    EXPECT_EQ(planned(two_branches(), "gone", "b").current_id, "gone");
    EXPECT_EQ(planned(two_branches(), "", "b").current_id, "");
}

TEST(SnapshotDeletion, RefusesWhatExcludesEachOtherWithAllReasons) {
    const Error error =
        refusal(two_branches(), "b",
                {.children = true, .children_only = true, .merge = true, .discard = true});
    EXPECT_EQ(error.code, ErrorCode::Invalid);
    EXPECT_THAT(error.message, AllOf(HasSubstr("children"), HasSubstr("kept or dropped")));
}

TEST(SnapshotDeletion, DropsTheChangesSinceTheSnapshotThatThePresentComesFrom) {
    const SnapshotDeletion deletion = planned(two_branches(), "d", "d", {.discard = true});
    EXPECT_THAT(deletion.ids, ElementsAre("d"));
    EXPECT_EQ(deletion.current_id, "b");
    for (const char *current : {"", "c", "b", "gone"}) {
        const auto plan = plan_deletion(two_branches(), domain_at(current), "d", {.discard = true});
        ASSERT_FALSE(plan) << current;
        EXPECT_EQ(plan.error().code, ErrorCode::Invalid);
        EXPECT_THAT(plan.error().message, HasSubstr("does not come from snapshot 'd'"));
    }
}

TEST(SnapshotDeletion, DropsOtherSnapshotsWithTheChangesOnlyWhenTold) {
    const auto plan = plan_deletion(two_branches(), domain_at("d"), "b", {.discard = true});
    ASSERT_FALSE(plan);
    EXPECT_EQ(plan.error().code, ErrorCode::Invalid);
    EXPECT_THAT(plan.error().message, AllOf(HasSubstr("'d', 'e'"), HasSubstr("--children")));
    for (const DeletionWish &wish : {DeletionWish{.discard = true, .force = true},
                                     DeletionWish{.children = true, .discard = true}}) {
        const SnapshotDeletion deletion = planned(two_branches(), "d", "b", wish);
        EXPECT_THAT(deletion.ids, ElementsAre("e", "d", "b"));
        EXPECT_EQ(deletion.current_id, "a");
    }
    EXPECT_THAT(planned(two_branches(), "d", "b", {.merge = true}).ids, ElementsAre("b"));
}

TEST(SnapshotDeletion, DropsNoChangesOfARecordAloneOrOfASnapshotThatStays) {
    EXPECT_THAT(refusal(two_branches(), "b", {.metadata_only = true, .discard = true}).message,
                HasSubstr("record alone"));
    EXPECT_THAT(refusal(two_branches(), "b", {.children_only = true, .discard = true}).message,
                HasSubstr("revert to it"));
}

TEST(SnapshotDeletion, NamesASnapshotThatIsNotThere) {
    const Error error = refusal(two_branches(), "x");
    EXPECT_EQ(error.code, ErrorCode::NotFound);
    EXPECT_THAT(error.message, HasSubstr("no snapshot 'x'"));
}

TEST(SnapshotDeletion, RefusesAllProtectedOnesByNameUnlessForced) {
    Snapshots records = two_branches();
    records[0].is_protected = true;
    records[1].is_protected = true;
    records[4].is_protected = true;
    const Error error = refusal(records, "b", {.children = true});
    EXPECT_EQ(error.code, ErrorCode::Invalid);
    EXPECT_THAT(error.message, AllOf(HasSubstr("snapshot 'e', snapshot 'b': protected"),
                                     Not(HasSubstr("'a'")), Not(HasSubstr("'d'"))));
    EXPECT_THAT(planned(records, "", "b", {.children = true, .force = true}).ids,
                ElementsAre("e", "d", "b"));
    EXPECT_THAT(planned(records, "", "d").ids, ElementsAre("d"));
}

TEST(SnapshotDeletion, RefusesTheCurrentOneThatIsToStay) {
    for (const auto &[name, wish] : std::initializer_list<std::pair<const char *, DeletionWish>>{
             {"d", {.keep_current = true}},
             {"d", {.force = true, .keep_current = true}},
             {"a", {.children = true, .keep_current = true}},
             {"b", {.children_only = true, .keep_current = true}}}) {
        const auto plan = plan_deletion(two_branches(), domain_at("d"), name, wish);
        ASSERT_FALSE(plan) << name;
        EXPECT_EQ(plan.error().code, ErrorCode::Invalid);
        EXPECT_THAT(plan.error().message, HasSubstr("snapshot 'd': it is the current snapshot"));
    }
    EXPECT_THAT(planned(two_branches(), "d", "b", {.keep_current = true}).ids, ElementsAre("b"));
    EXPECT_THAT(planned(two_branches(), "", "b", {.keep_current = true}).ids, ElementsAre("b"));
}

TEST(SnapshotDeletion, RefusesASnapshotWhoseIdIsThatOfAnother) {
    Snapshots records = two_branches();
    records.push_back(make_record("d", "c", 9));
    records.back().name = "copy";
    EXPECT_THAT(refusal(records, "copy", {.force = true}).message,
                HasSubstr("snapshot 'copy': its id is that of another"));
    records.back().id.clear();
    EXPECT_THAT(refusal(records, "copy").message, HasSubstr("snapshot 'copy'"));
}

TEST(SnapshotDeletion, EndsOnARingOfParents) {
    const Snapshots ring = {make_record("a", "c", 1), make_record("b", "a", 2),
                            make_record("c", "b", 3)};
    const SnapshotDeletion plan = planned(ring, "c", "c");
    EXPECT_THAT(plan.reparented, ElementsAre(NewParent{"a", ""}));
    EXPECT_EQ(plan.current_id, "b");
    EXPECT_THAT(planned(ring, "c", "a", {.children = true}).ids, ElementsAre("c", "b", "a"));
}

} // namespace

} // namespace xlsnap
