// SPDX-License-Identifier: LGPL-2.1-only
#include "core/plan.hpp"

#include <utility>

namespace xlsnap {

namespace {

std::vector<DiskTarget> with_tag(std::vector<DiskTarget> targets, const std::string &tag) {
    for (DiskTarget &target : targets)
        target.tag = tag;
    return targets;
}

template <typename Element>
std::vector<Element> joined(std::vector<Element> elements, const std::vector<Element> &more) {
    elements.insert(elements.end(), more.begin(), more.end());
    return elements;
}

std::vector<ImageToMake> overlays_of(const std::vector<DiskTarget> &targets) {
    std::vector<ImageToMake> images;
    for (const DiskTarget &target : external_ones(targets))
        images.push_back({target.vdev, target.overlay, target.path, target.format});
    return images;
}

std::vector<DiskChange> changes_to(const std::vector<ImageToMake> &images) {
    std::vector<DiskChange> changes;
    changes.reserve(images.size());
    for (const ImageToMake &image : images)
        changes.push_back({image.vdev, image.path, DiskFormat::Qcow2});
    return changes;
}

std::vector<ImageToMake> images_for_revert(const std::vector<DiskTarget> &targets) {
    std::vector<ImageToMake> images;
    for (const DiskTarget &target : with_new_image(targets))
        images.push_back({target.vdev, target.new_image, target.path, target.format,
                          target.way == RevertWay::CopyOut ? target.tag : std::string()});
    return images;
}

void add_new_images(Plan &plan, const std::vector<ImageToMake> &images, bool twins) {
    if (!images.empty())
        plan.steps.emplace_back(step::MakeImages{images, twins});
}

// Whoever is in doubt takes what is right for both.
bool may_have_twins(GuestType type) {
    return type == GuestType::Hvm;
}

void add_build(Plan &plan, bool memory, std::vector<DiskChange> images) {
    if (memory)
        plan.steps.emplace_back(step::RestoreDomain{std::move(images)});
    else
        plan.steps.emplace_back(step::StartDomain{std::move(images)});
}

void add_closed_revert(Plan &plan, const std::vector<DiskTarget> &targets,
                       const std::string &present_tag, bool twins) {
    add_new_images(plan, images_for_revert(targets), twins);
    const std::vector<DiskTarget> reverted = in_place(targets);
    if (reverted.empty())
        return;
    plan.steps.emplace_back(step::CreateClosedTags{with_tag(reverted, present_tag)});
    plan.steps.emplace_back(step::RevertDisks{reverted, present_tag});
}

} // namespace

std::vector<DiskChange> images_after(const std::vector<DiskTarget> &targets) {
    std::vector<DiskChange> changes = changes_to(images_for_revert(targets));
    for (const DiskTarget &target : in_place(targets))
        changes.push_back({target.vdev, target.path, target.format});
    return changes;
}

Plan plan_create(const Domain &domain, const std::vector<DiskTarget> &targets,
                 const CreateGoal &goal) {
    const bool memory = !goal.memory_path.empty();
    const bool was_paused = domain.state == RunState::Paused;
    const std::vector<ImageToMake> overlays = overlays_of(targets);
    const std::vector<DiskTarget> tags = internal_ones(targets);
    Plan plan;
    add_new_images(plan, overlays, may_have_twins(domain.type));
    if (memory) {
        plan.steps.emplace_back(step::BeginMemoryImage{goal.memory_path, was_paused});
        plan.steps.emplace_back(step::SuspendDomain{was_paused, goal.live});
    }
    if (!overlays.empty())
        plan.steps.emplace_back(step::UseImages{changes_to(overlays)});
    if (!targets.empty())
        plan.steps.emplace_back(step::TakeDiskSnapshots{targets});
    if (memory)
        plan.steps.emplace_back(step::ResumeDomain{was_paused});
    if (!tags.empty())
        plan.steps.emplace_back(step::CheckTags{tags});
    if (memory)
        plan.steps.emplace_back(step::PublishMemoryImage{});
    return plan;
}

Plan plan_revert(const Domain &domain, const std::vector<DiskTarget> &targets,
                 const RevertGoal &goal) {
    const std::vector<DiskTarget> open = in_place(targets);
    const std::vector<DiskTarget> present = with_tag(open, goal.present_tag);
    const std::vector<DiskTarget> closed = in_place(goal.detached);
    const std::vector<DiskTarget> reverted = joined(open, closed);
    const std::vector<DiskTarget> all = joined(targets, goal.detached);
    Plan plan;
    add_new_images(plan, images_for_revert(all), may_have_twins(domain.type));
    if (domain.state == RunState::Running)
        plan.steps.emplace_back(step::PauseDomain{});
    if (!open.empty()) {
        plan.steps.emplace_back(step::TakeDiskSnapshots{present});
        plan.steps.emplace_back(step::CheckTags{present});
    }
    if (!closed.empty())
        plan.steps.emplace_back(step::CreateClosedTags{with_tag(closed, goal.present_tag)});
    plan.steps.emplace_back(step::DestroyDomain{});
    if (!reverted.empty())
        plan.steps.emplace_back(step::RevertDisks{reverted, goal.present_tag});
    add_build(plan, goal.memory, joined(images_after(all), goal.moved));

    if (!reverted.empty())
        plan.closing.emplace_back(step::DropTags{with_tag(reverted, goal.present_tag)});
    if (!goal.left_paused)
        plan.closing.emplace_back(step::UnpauseDomain{});
    return plan;
}

Plan plan_create_closed(const std::vector<DiskTarget> &targets, bool twins) {
    Plan plan;
    add_new_images(plan, overlays_of(targets), twins);
    if (const std::vector<DiskTarget> tags = internal_ones(targets); !tags.empty())
        plan.steps.emplace_back(step::CreateClosedTags{tags});
    return plan;
}

Plan plan_revert_closed(const std::vector<DiskTarget> &targets, const std::string &present_tag,
                        bool twins) {
    Plan plan;
    add_closed_revert(plan, targets, present_tag, twins);
    if (const std::vector<DiskTarget> reverted = in_place(targets); !reverted.empty())
        plan.closing.emplace_back(step::DropClosedTags{with_tag(reverted, present_tag)});
    return plan;
}

Plan plan_start(const std::vector<DiskTarget> &targets, const StartGoal &goal) {
    Plan plan;
    add_closed_revert(plan, targets, goal.present_tag, goal.twins);
    add_build(plan, goal.memory, joined(images_after(targets), goal.moved));

    // The domain's QEMU has the images open by now.
    if (const std::vector<DiskTarget> reverted = in_place(targets); !reverted.empty())
        plan.closing.emplace_back(step::DropTags{with_tag(reverted, goal.present_tag)});
    if (!goal.left_paused)
        plan.closing.emplace_back(step::UnpauseDomain{});
    return plan;
}

} // namespace xlsnap
