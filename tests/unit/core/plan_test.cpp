// SPDX-License-Identifier: LGPL-2.1-only
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/plan.hpp"

namespace xlsnap {

namespace {

using ::testing::ElementsAre;

std::vector<std::string> describe_all(const std::vector<Step> &steps) {
    std::vector<std::string> texts;
    for (const Step &step : steps)
        texts.push_back(describe(step));
    return texts;
}

Domain domain(RunState state) {
    Domain domain;
    domain.state = state;
    return domain;
}

const std::vector<DiskTarget> kTargets = {{"xvda", "/images/a.qcow2", DiskFormat::Qcow2, "s1"}};

TEST(PlanCreate, TakesDisksBetweenSuspendAndResume) {
    EXPECT_THAT(describe_all(plan_create(domain(RunState::Running), kTargets, "/m").steps),
                ElementsAre("making the memory image", "saving the memory", "making disk snapshots",
                            "resuming the domain", "looking for the disk snapshots",
                            "completing the memory image"));
}

TEST(PlanCreate, OfMemoryOrDisksAloneLeavesTheOtherOut) {
    EXPECT_THAT(describe_all(plan_create(domain(RunState::Running), {}, "/m").steps),
                ElementsAre("making the memory image", "saving the memory", "resuming the domain",
                            "completing the memory image"));
    EXPECT_THAT(describe_all(plan_create(domain(RunState::Running), kTargets, "").steps),
                ElementsAre("making disk snapshots", "looking for the disk snapshots"));
}

TEST(PlanCreate, RemembersThatTheDomainWasPaused) {
    const Plan plan = plan_create(domain(RunState::Paused), kTargets, "/m");
    EXPECT_TRUE(std::get<step::BeginMemoryImage>(plan.steps[0]).was_paused);
    EXPECT_TRUE(std::get<step::SuspendDomain>(plan.steps[1]).was_paused);
    EXPECT_TRUE(std::get<step::ResumeDomain>(plan.steps[3]).was_paused);
}

TEST(PlanRevert, KeepsThePresentStateBeforeItDestroysAnything) {
    const Plan plan =
        plan_revert(domain(RunState::Running), kTargets, RevertGoal{true, false, "present"});
    EXPECT_THAT(describe_all(plan.steps),
                ElementsAre("pausing the domain", "making disk snapshots",
                            "looking for the disk snapshots", "destroying the domain",
                            "reverting the disks", "bringing the memory image back to life"));
    EXPECT_THAT(describe_all(plan.closing),
                ElementsAre("removing temporary tags", "unpausing the domain"));
    EXPECT_EQ(std::get<step::CreateTags>(plan.steps[1]).targets.front().tag, "present");
    EXPECT_EQ(std::get<step::RevertDisks>(plan.steps[4]).targets.front().tag, "s1");
    EXPECT_EQ(std::get<step::RevertDisks>(plan.steps[4]).present_tag, "present");
    EXPECT_EQ(std::get<step::DropTags>(plan.closing[0]).targets.front().tag, "present");
}

TEST(PlanRevert, OfDisksAloneStartsFromTheConfiguration) {
    const Plan plan =
        plan_revert(domain(RunState::Paused), kTargets, RevertGoal{false, true, "present"});
    EXPECT_THAT(describe_all(plan.steps),
                ElementsAre("making disk snapshots", "looking for the disk snapshots",
                            "destroying the domain", "reverting the disks", "starting the domain"));
    EXPECT_THAT(describe_all(plan.closing), ElementsAre("removing temporary tags"));
}

TEST(PlanRevert, OfMemoryAloneLeavesTheDisks) {
    const Plan plan = plan_revert(domain(RunState::Running), {}, RevertGoal{true, false, "p"});
    EXPECT_THAT(describe_all(plan.steps), ElementsAre("pausing the domain", "destroying the domain",
                                                      "bringing the memory image back to life"));
    EXPECT_THAT(describe_all(plan.closing), ElementsAre("unpausing the domain"));
}

TEST(PlanRevert, BringsBackImagesThatTheDomainHasNoMore) {
    RevertGoal goal{true, false, "present"};
    goal.detached = {{"xvdb", "/images/b.qcow2", DiskFormat::Qcow2, "s1"}};
    const Plan plan = plan_revert(domain(RunState::Paused), kTargets, goal);
    EXPECT_EQ(std::get<step::CreateTags>(plan.steps[0]).targets.size(), 1U);
    const auto &kept = std::get<step::CreateClosedTags>(plan.steps[2]).targets;
    EXPECT_EQ(kept.front().path, "/images/b.qcow2");
    EXPECT_EQ(kept.front().tag, "present");
    EXPECT_EQ(std::get<step::RevertDisks>(plan.steps[4]).targets.size(), 2U);
    EXPECT_EQ(std::get<step::DropTags>(plan.closing[0]).targets.size(), 2U);
}

} // namespace

} // namespace xlsnap
