// SPDX-License-Identifier: LGPL-2.1-only
#include "engine/step_actions.hpp"

#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/guarded.hpp"
#include "engine/closed_images.hpp"

namespace xlsnap {

namespace {

// "xvda (/images/a.qcow2), …": for messages that tell where data lies.
std::string list_disks(const std::vector<DiskTarget> &targets) {
    std::vector<std::string> names;
    names.reserve(targets.size());
    for (const DiskTarget &target : targets)
        names.push_back(fmt::format("{} ({})", target.vdev, target.path));
    return fmt::format("{}", fmt::join(names, ", "));
}

constexpr const char *kRemoveByUs = "remove it with xlsnap delete --no-catalog --disk-only";
constexpr const char *kRemoveByQemuImg = "remove it with qemu-img snapshot -d";

// For temporary tags: what could not be removed is told, and no failure.
void warn_of_rest(Log &log, const std::vector<DiskTarget> &targets, const Status &removed,
                  const char *advice) {
    if (!removed)
        log.warn(fmt::format("the temporary snapshot '{}' of {} could not be removed: {}; it only "
                             "costs space: {}",
                             targets.front().tag, list_disks(targets), removed.error().message,
                             advice));
}

Status explain_rest(const std::vector<DiskTarget> &targets, Status removed, const char *advice) {
    return std::move(removed).with_context(fmt::format(
        "snapshot '{}' may still be on {}; {}", targets.front().tag, list_disks(targets), advice));
}

} // namespace

StepActions::StepActions(const Ports &ports, Domain domain, std::optional<MemoryImage> image)
    : ports_(ports), live_tags_(ports.toolstack, ports.live_disks), domain_(std::move(domain)),
      image_(std::move(image)) {}

struct RunStep {
    StepActions &self;

    Status operator()(const step::BeginMemoryImage &step) const {
        const MemoryImageInfo info{self.domain_.config_json, step.was_paused};
        XLSNAP_ASSIGN(self.writer_, self.ports_.memory_store.create(step.path, info));
        return {};
    }

    Status operator()(const step::SuspendDomain & /*step*/) const {
        // Suspended by another program meanwhile, it must not be resumed by our undo.
        XLSNAP_ASSIGN(const RunState state, self.ports_.toolstack.state(self.domain_.domid));
        if (state != RunState::Running && state != RunState::Paused)
            return fail(ErrorCode::NotReady,
                        fmt::format("it is {} by now: another program acts on it; try again when "
                                    "that is done",
                                    to_string(state)));
        self.suspend_tried_ = true;
        self.watcher_needed_ = true;
        return self.ports_.toolstack.suspend(self.domain_.domid, self.writer_->fd());
    }

    Status operator()(const step::CreateTags &step) const {
        return self.live_tags_.create(self.domain_, step.targets, self.created_);
    }

    // The image is asked, not QEMU: it answers though the domain has ended meanwhile.
    Status operator()(const step::CheckTags &step) const {
        for (const DiskTarget &target : step.targets) {
            const std::string disk = fmt::format("disk {}", target.vdev);
            XLSNAP_ASSIGN(
                const std::vector<Tag> tags,
                self.ports_.disk_images.list_tags(target.path, target.format).with_context(disk));
            if (find_tag(tags, target.tag) == nullptr)
                return fail(ErrorCode::ProtocolErrorQmp,
                            fmt::format("{}: QEMU says that the snapshot {} was made, but {} does "
                                        "not hold it; QEMU's log says more",
                                        disk, target.tag, target.path));
        }
        return {};
    }

    Status operator()(const step::CreateClosedTags &step) const {
        for (const DiskTarget &target : step.targets) {
            self.created_closed_.push_back(target);
            Status created =
                self.ports_.disk_images.create_tag(target.path, target.format, target.tag);
            // Refused: somebody has the image open by now, or the tag is somebody else's.
            if (!created && (created.error().code == ErrorCode::NotReady ||
                             created.error().code == ErrorCode::Invalid))
                self.created_closed_.pop_back();
            XLSNAP_TRY(std::move(created).with_context(fmt::format("disk {}", target.vdev)));
        }
        return {};
    }

    Status operator()(const step::ResumeDomain &step) const {
        if (step.was_paused)
            XLSNAP_TRY(self.ports_.toolstack.pause(self.domain_.domid));
        XLSNAP_TRY(self.ports_.toolstack.resume(self.domain_.domid));
        self.suspend_tried_ = false;
        return {};
    }

    Status operator()(const step::PublishMemoryImage & /*step*/) const {
        return self.writer_->publish();
    }

    Status operator()(const step::PauseDomain & /*step*/) const {
        self.paused_here_ = true;
        return self.ports_.toolstack.pause(self.domain_.domid);
    }

    Status operator()(const step::DestroyDomain & /*step*/) const {
        self.destroy_tried_ = true;
        return self.ports_.toolstack.destroy(self.domain_.domid);
    }

    Status operator()(const step::RevertDisks &step) const {
        XLSNAP_TRY(wait_until_closed(self.ports_.image_users, step.targets));
        for (const DiskTarget &target : step.targets) {
            self.changed_disks_.push_back(target);
            Status reverted =
                self.ports_.disk_images.revert_to_tag(target.path, target.format, target.tag);
            if (!reverted && reverted.error().code == ErrorCode::NotReady)
                self.changed_disks_.pop_back();
            XLSNAP_TRY(std::move(reverted).with_context(fmt::format("disk {}", target.vdev)));
        }
        return {};
    }

    Status operator()(const step::RestoreDomain & /*step*/) const {
        XLSNAP_ASSIGN(
            self.domain_.domid,
            self.ports_.toolstack.restore(self.image_->info.config_json, self.image_->fd.get()));
        self.watcher_needed_ = true;
        // It has the disks of that configuration now: what follows asks QEMU about them.
        if (auto built = self.ports_.toolstack.read_config(self.image_->info.config_json))
            self.domain_.disks = std::move(built->disks);
        return {};
    }

    Status operator()(const step::StartDomain & /*step*/) const {
        XLSNAP_ASSIGN(self.domain_.domid, self.ports_.toolstack.start(self.domain_.config_json));
        self.watcher_needed_ = true;
        return {};
    }

    Status operator()(const step::UnpauseDomain & /*step*/) const {
        return self.ports_.toolstack.unpause(self.domain_.domid);
    }

    Status operator()(const step::DropTags &step) const {
        std::vector<DiskTarget> gone;
        warn_of_rest(self.ports_.log, step.targets,
                     self.live_tags_.remove(self.domain_, step.targets, gone), kRemoveByUs);
        return {};
    }

    Status operator()(const step::DropClosedTags &step) const {
        std::vector<DiskTarget> gone;
        warn_of_rest(self.ports_.log, step.targets,
                     remove_closed_tags(self.ports_.disk_images, step.targets, gone),
                     kRemoveByQemuImg);
        return {};
    }
};

struct UndoStep {
    StepActions &self;

    Status operator()(const step::BeginMemoryImage & /*step*/) const {
        if (!self.writer_)
            return {};
        return self.writer_->discard();
    }

    Status operator()(const step::SuspendDomain &step) const {
        if (!std::exchange(self.suspend_tried_, false) || self.is_gone())
            return {};
        return self.ports_.toolstack.let_run(self.domain_.domid, step.was_paused);
    }

    Status operator()(const step::CreateTags & /*step*/) const {
        const std::vector<DiskTarget> created = std::exchange(self.created_.targets, {});
        // Disks that could not be brought back need the tags: nothing else holds their content.
        if (created.empty() || !self.changed_disks_.empty())
            return {};
        return explain_rest(created, self.remove_tags(created), kRemoveByUs);
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

Status StepActions::run(const Step &step) {
    return std::visit(RunStep{*this}, step);
}

Status StepActions::undo(const Step &step) {
    return std::visit(UndoStep{*this}, step);
}

void StepActions::keep_watched() {
    if (!watcher_needed_ || domain_.managed_by_libvirt)
        return;
    const Status launched = guarded(
        [this] { return is_gone() ? Status() : ports_.watcher_launcher.launch(domain_.domid); });
    if (!launched)
        ports_.log.left_to_do(fmt::format("domain {0}: nobody may be there to handle its next "
                                          "shutdown, reboot or crash: {1}; run xlsnap monitor {0}",
                                          domain_.name, launched.error().message));
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

bool StepActions::is_gone() {
    const auto state = ports_.toolstack.state(domain_.domid);
    return !state && state.error().code == ErrorCode::DomainNotFound;
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
