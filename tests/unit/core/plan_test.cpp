// SPDX-License-Identifier: LGPL-2.1-only
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/plan_outline.hpp"

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
    EXPECT_THAT(describe_all(plan_create(domain(RunState::Running), kTargets, {"/m"}).steps),
                ElementsAre("making the memory image", "saving the memory", "making disk snapshots",
                            "resuming the domain", "looking for the disk snapshots",
                            "completing the memory image"));
}

TEST(PlanCreate, OfMemoryOrDisksAloneLeavesTheOtherOut) {
    EXPECT_THAT(describe_all(plan_create(domain(RunState::Running), {}, {"/m"}).steps),
                ElementsAre("making the memory image", "saving the memory", "resuming the domain",
                            "completing the memory image"));
    EXPECT_THAT(describe_all(plan_create(domain(RunState::Running), kTargets, {}).steps),
                ElementsAre("making disk snapshots", "looking for the disk snapshots"));
}

const std::vector<DiskTarget> kMixed = {{"xvda", "/images/a.qcow2", DiskFormat::Qcow2, "s1"},
                                        {.vdev = "xvdb",
                                         .path = "/images/b.raw",
                                         .format = DiskFormat::Raw,
                                         .tag = "s1",
                                         .kind = DiskSnapshotKind::External,
                                         .overlay = "/images/b.s1.qcow2",
                                         .way = RevertWay::NewOverlay,
                                         .new_image = "/images/b.s1.1.qcow2"}};

TEST(PlanCreate, MakesOverlaysWhileTheGuestRunsAndNamesThemBeforeTheyAreUsed) {
    const Plan plan = plan_create(domain(RunState::Running), kMixed, {"/m", true});
    EXPECT_THAT(describe_all(plan.steps),
                ElementsAre("making images", "making the memory image", "saving the memory",
                            "changing the domain's configuration", "making disk snapshots",
                            "resuming the domain", "looking for the disk snapshots",
                            "completing the memory image"));
    EXPECT_THAT(
        std::get<step::MakeImages>(plan.steps[0]).images,
        ElementsAre(ImageToMake{"xvdb", "/images/b.s1.qcow2", "/images/b.raw", DiskFormat::Raw}));
    EXPECT_TRUE(std::get<step::SuspendDomain>(plan.steps[2]).live);
    EXPECT_THAT(std::get<step::UseImages>(plan.steps[3]).images,
                ElementsAre(DiskChange{"xvdb", "/images/b.s1.qcow2"}));
    EXPECT_EQ(std::get<step::TakeDiskSnapshots>(plan.steps[4]).targets.size(), 2U);
    EXPECT_EQ(std::get<step::CheckTags>(plan.steps[6]).targets.size(), 1U);
}

// Two nodes have each image of an HVM domain open until the guest unplugs the emulated disks.
TEST(PlanCreate, OfAnHvmDomainMakesOverlaysForTwinNodes) {
    Domain hvm = domain(RunState::Running);
    const auto for_twins = [&hvm] {
        const Plan plan = plan_create(hvm, kMixed, {});
        return std::get<step::MakeImages>(plan.steps[0]).twins;
    };
    EXPECT_FALSE(for_twins());
    hvm.type = GuestType::Hvm;
    EXPECT_TRUE(for_twins());
}

TEST(PlanRevert, BuildsTheDomainOnTheImagesThatItMakes) {
    const Plan plan =
        plan_revert(domain(RunState::Running), kMixed, RevertGoal{true, false, "present"});
    EXPECT_THAT(describe_all(plan.steps),
                ElementsAre("making images", "pausing the domain", "making disk snapshots",
                            "looking for the disk snapshots", "destroying the domain",
                            "reverting the disks", "bringing the memory image back to life"));
    EXPECT_EQ(std::get<step::RevertDisks>(plan.steps[5]).targets.size(), 1U);
    EXPECT_THAT(std::get<step::RestoreDomain>(plan.steps[6]).images,
                ElementsAre(DiskChange{"xvdb", "/images/b.s1.1.qcow2"},
                            DiskChange{"xvda", "/images/a.qcow2"}));
}

TEST(PlanCreate, RemembersThatTheDomainWasPaused) {
    const Plan plan = plan_create(domain(RunState::Paused), kTargets, {"/m"});
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
    EXPECT_EQ(std::get<step::TakeDiskSnapshots>(plan.steps[1]).targets.front().tag, "present");
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
    EXPECT_EQ(std::get<step::TakeDiskSnapshots>(plan.steps[0]).targets.size(), 1U);
    const auto &kept = std::get<step::CreateClosedTags>(plan.steps[2]).targets;
    EXPECT_EQ(kept.front().path, "/images/b.qcow2");
    EXPECT_EQ(kept.front().tag, "present");
    EXPECT_EQ(std::get<step::RevertDisks>(plan.steps[4]).targets.size(), 2U);
    EXPECT_EQ(std::get<step::DropTags>(plan.closing[0]).targets.size(), 2U);
}

} // namespace

} // namespace xlsnap
