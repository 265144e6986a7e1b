// SPDX-License-Identifier: LGPL-2.1-only
#include "core/plan.hpp"

namespace xlsnap {

namespace {

std::vector<DiskTarget> with_tag(std::vector<DiskTarget> targets, const std::string &tag) {
    for (DiskTarget &target : targets)
        target.tag = tag;
    return targets;
}

std::vector<DiskTarget> joined(std::vector<DiskTarget> targets,
                               const std::vector<DiskTarget> &more) {
    targets.insert(targets.end(), more.begin(), more.end());
    return targets;
}

struct Describe {
    std::string operator()(const step::BeginMemoryImage &) const {
        return "making the memory image";
    }
    std::string operator()(const step::SuspendDomain &) const { return "saving the memory"; }
    std::string operator()(const step::CreateTags &) const { return "making disk snapshots"; }
    std::string operator()(const step::CheckTags &) const {
        return "looking for the disk snapshots";
    }
    std::string operator()(const step::CreateClosedTags &) const { return "making disk snapshots"; }
    std::string operator()(const step::ResumeDomain &) const { return "resuming the domain"; }
    std::string operator()(const step::PublishMemoryImage &) const {
        return "completing the memory image";
    }
    std::string operator()(const step::PauseDomain &) const { return "pausing the domain"; }
    std::string operator()(const step::DestroyDomain &) const { return "destroying the domain"; }
    std::string operator()(const step::RevertDisks &) const { return "reverting the disks"; }
    std::string operator()(const step::RestoreDomain &) const {
        return "bringing the memory image back to life";
    }
    std::string operator()(const step::StartDomain &) const { return "starting the domain"; }
    std::string operator()(const step::UnpauseDomain &) const { return "unpausing the domain"; }
    std::string operator()(const step::DropTags &) const { return "removing temporary tags"; }
    std::string operator()(const step::DropClosedTags &) const { return "removing temporary tags"; }
};

} // namespace

Plan plan_create(const Domain &domain, const std::vector<DiskTarget> &targets,
                 const std::string &memory_path) {
    Plan plan;
    if (memory_path.empty()) {
        plan.steps.emplace_back(step::CreateTags{targets});
        plan.steps.emplace_back(step::CheckTags{targets});
        return plan;
    }
    const bool was_paused = domain.state == RunState::Paused;
    plan.steps.emplace_back(step::BeginMemoryImage{memory_path, was_paused});
    plan.steps.emplace_back(step::SuspendDomain{was_paused});
    if (!targets.empty())
        plan.steps.emplace_back(step::CreateTags{targets});
    plan.steps.emplace_back(step::ResumeDomain{was_paused});
    if (!targets.empty())
        plan.steps.emplace_back(step::CheckTags{targets});
    plan.steps.emplace_back(step::PublishMemoryImage{});
    return plan;
}

Plan plan_revert(const Domain &domain, const std::vector<DiskTarget> &targets,
                 const RevertGoal &goal) {
    const std::vector<DiskTarget> present = with_tag(targets, goal.present_tag);
    const std::vector<DiskTarget> all = joined(targets, goal.detached);
    Plan plan;
    if (domain.state == RunState::Running)
        plan.steps.emplace_back(step::PauseDomain{});
    if (!targets.empty()) {
        plan.steps.emplace_back(step::CreateTags{present});
        plan.steps.emplace_back(step::CheckTags{present});
    }
    if (!goal.detached.empty())
        plan.steps.emplace_back(step::CreateClosedTags{with_tag(goal.detached, goal.present_tag)});
    plan.steps.emplace_back(step::DestroyDomain{});
    if (!all.empty())
        plan.steps.emplace_back(step::RevertDisks{all, goal.present_tag});
    if (goal.memory)
        plan.steps.emplace_back(step::RestoreDomain{});
    else
        plan.steps.emplace_back(step::StartDomain{});

    if (!all.empty())
        plan.closing.emplace_back(step::DropTags{with_tag(all, goal.present_tag)});
    if (!goal.left_paused)
        plan.closing.emplace_back(step::UnpauseDomain{});
    return plan;
}

Plan plan_create_closed(const std::vector<DiskTarget> &targets) {
    Plan plan;
    plan.steps.emplace_back(step::CreateClosedTags{targets});
    return plan;
}

Plan plan_revert_closed(const std::vector<DiskTarget> &targets, const std::string &present_tag) {
    const std::vector<DiskTarget> present = with_tag(targets, present_tag);
    Plan plan;
    plan.steps.emplace_back(step::CreateClosedTags{present});
    plan.steps.emplace_back(step::RevertDisks{targets, present_tag});
    plan.closing.emplace_back(step::DropClosedTags{present});
    return plan;
}

Plan plan_start(const std::vector<DiskTarget> &targets, const StartGoal &goal) {
    Plan plan;
    if (!targets.empty())
        plan.steps = plan_revert_closed(targets, goal.present_tag).steps;
    if (goal.memory)
        plan.steps.emplace_back(step::RestoreDomain{});
    else
        plan.steps.emplace_back(step::StartDomain{});

    // The domain's QEMU has the images open by now.
    if (!targets.empty())
        plan.closing.emplace_back(step::DropTags{with_tag(targets, goal.present_tag)});
    if (!goal.left_paused)
        plan.closing.emplace_back(step::UnpauseDomain{});
    return plan;
}

std::string describe(const Step &step) {
    return std::visit(Describe{}, step);
}

} // namespace xlsnap
