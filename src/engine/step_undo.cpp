// SPDX-License-Identifier: LGPL-2.1-only
#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/domain_images.hpp"
#include "core/refusals.hpp"
#include "engine/closed_images.hpp"
#include "engine/step_actions.hpp"

namespace xlsnap {

namespace {

Status explain_rest(const std::vector<DiskTarget> &targets, Status removed, const char *advice) {
    return std::move(removed).with_context(fmt::format(
        "snapshot '{}' may still be on {}; {}", targets.front().tag, list_disks(targets), advice));
}

} // namespace

struct UndoStep {
    StepActions &self;

    Status operator()(const step::BeginMemoryImage & /*step*/) const {
        if (!self.writer_)
            return {};
        return self.writer_->discard();
    }

    Status operator()(const step::MakeImages & /*step*/) const { return self.new_images_.remove(); }

    Status operator()(const step::SuspendDomain &step) const {
        if (!std::exchange(self.suspend_tried_, false) || self.is_gone())
            return {};
        return self.ports_.toolstack.let_run(self.domain_.domid, step.was_paused);
    }

    Status operator()(const step::UseImages &step) const {
        return self.bring_images_back(step.images);
    }

    Status operator()(const step::TakeDiskSnapshots & /*step*/) const {
        const std::vector<DiskTarget> created = std::exchange(self.created_.targets, {});
        // Disks that could not be brought back need the tags: nothing else holds their content.
        if (created.empty() || !self.changed_disks_.empty())
            return {};
        Refusals left;
        left.add(self.withdraw_overlays(external_ones(created)));
        if (const auto tags = internal_ones(created); !tags.empty())
            left.add(explain_rest(tags, self.remove_tags(tags), kRemoveByUs));
        return left.status();
    }

    Status operator()(const step::CheckTags & /*step*/) const { return {}; }

    Status operator()(const step::CreateClosedTags & /*step*/) const {
        const std::vector<DiskTarget> created = std::exchange(self.created_closed_, {});
        if (created.empty() || !self.changed_disks_.empty())
            return {};
        std::vector<DiskTarget> gone;
        return explain_rest(created, remove_closed_tags(self.ports_.disk_images, created, gone),
                            kRemoveByQemuImg);
    }

    Status operator()(const step::ResumeDomain & /*step*/) const { return {}; }
    Status operator()(const step::PublishMemoryImage & /*step*/) const { return {}; }

    Status operator()(const step::PauseDomain & /*step*/) const {
        if (!std::exchange(self.paused_here_, false) || self.is_gone())
            return {};
        return self.ports_.toolstack.unpause(self.domain_.domid);
    }

    Status operator()(const step::DestroyDomain & /*step*/) const {
        if (!std::exchange(self.destroy_tried_, false))
            return {};
        return self.start_from_configuration();
    }

    Status operator()(const step::RevertDisks &step) const {
        return self.bring_disks_back(step.present_tag);
    }

    Status operator()(const step::RestoreDomain & /*step*/) const { return {}; }
    Status operator()(const step::StartDomain & /*step*/) const { return {}; }
    Status operator()(const step::UnpauseDomain & /*step*/) const { return {}; }
    Status operator()(const step::DropTags & /*step*/) const { return {}; }
    Status operator()(const step::DropClosedTags & /*step*/) const { return {}; }
};

Status StepActions::undo(const Step &step) {
    return std::visit(UndoStep{*this}, step);
}

// All of them, whichever fails: a guest on disks of two instants would be worse than none.
Status StepActions::bring_disks_back(const std::string &present_tag) {
    if (changed_disks_.empty())
        return {};
    Status closed = wait_until_closed(ports_.image_users, changed_disks_);
    std::vector<std::string> reasons;
    std::vector<DiskTarget> still_changed;
    for (const DiskTarget &target : changed_disks_) {
        Status reverted =
            closed ? ports_.disk_images.revert_to_tag(target.path, target.format, present_tag)
                   : Status::failure(closed.error());
        if (reverted)
            continue;
        still_changed.push_back(target);
        reasons.push_back(fmt::format("disk {} is not what it was: {}; bring it back by qemu-img "
                                      "snapshot -a {} {}",
                                      target.vdev, reverted.error().message, present_tag,
                                      target.path));
    }
    changed_disks_ = std::move(still_changed);
    if (reasons.empty())
        return {};
    return fail(ErrorCode::Fail, fmt::format("{}", fmt::join(reasons, "; ")));
}

// QEMU may have put them in use though it did not say so, or though a later step has failed.
Status StepActions::withdraw_overlays(const std::vector<DiskTarget> &targets) {
    if (targets.empty())
        return {};
    Refusals why;
    for (const DiskTarget &target : withdrawal_.withdraw(domain_, targets, why)) {
        new_images_.leave(target.overlay);
        std::erase_if(replaced_,
                      [&](const DiskChange &image) { return image.vdev == target.vdev; });
    }
    return why.status();
}

// An image that the configuration may name stays: the domain may be about to be started from it, by
// whoever handles its reboot. It is an overlay that holds nothing, or nothing of its own any more.
Status StepActions::bring_images_back(const std::vector<DiskChange> &images) {
    const std::vector<DiskChange> before = std::exchange(replaced_, {});
    if (before.empty())
        return {};
    const Status done = is_gone() ? fail(ErrorCode::DomainNotFound, "the domain has ended")
                                  : ports_.toolstack.change_disks(domain_, before);
    if (done) {
        for (const DiskChange &image : before)
            set_image(domain_, image);
        return {};
    }
    Refusals kept;
    for (const DiskChange &image : before) {
        const auto now = std::ranges::find(images, image.vdev, &DiskChange::vdev);
        new_images_.leave(now->path);
        kept.add(fail(done.error()),
                 fmt::format("the domain's configuration may name {} for disk {}, from which its "
                             "next start would go on; it stands on {}: keep both, or remove the "
                             "former when the domain has been started from the latter",
                             now->path, image.vdev, image.path));
    }
    return kept.status();
}

Status StepActions::remove_tags(const std::vector<DiskTarget> &targets) {
    std::vector<DiskTarget> gone;
    if (!is_gone())
        return live_tags_.remove(domain_, targets, gone);
    XLSNAP_TRY(wait_until_closed(ports_.image_users, targets));
    return remove_closed_tags(ports_.disk_images, targets, gone);
}

// After a destroy that was tried: the domain may live on, or have to be built again. It is built
// only on disks that hold what they held before and that no other process has open.
Status StepActions::start_from_configuration() {
    const auto state = ports_.toolstack.state(domain_.domid);
    if (state && *state != RunState::Dying)
        return {};
    const std::string lost =
        fmt::format("domain {} is down and what it had in memory is lost", domain_.name);
    if (state)
        return fail(ErrorCode::DomainDestroyed,
                    lost + "; it is half destroyed: start it with xl create when xl list does not "
                           "show it any more");
    if (!changed_disks_.empty())
        return fail(ErrorCode::Fail,
                    fmt::format("{}; start it with xl create, but only after bringing back {}",
                                lost, list_disks(changed_disks_)));
    XLSNAP_TRY(wait_until_startable(ports_.image_users, domain_)
                   .with_context(lost + "; start it with xl create when its images "
                                        "are free"));
    XLSNAP_ASSIGN(domain_.domid,
                  ports_.toolstack.start(domain_.config_json)
                      .with_context(lost + "; its disks hold what they held, start it with xl "
                                           "create; an attempt to do so failed"));
    started_again_ = true;
    watcher_needed_ = true;
    return {};
}

} // namespace xlsnap
