// SPDX-License-Identifier: LGPL-2.1-only
#include "engine/step_actions.hpp"

#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/guarded.hpp"
#include "core/domain_images.hpp"
#include "engine/closed_images.hpp"

namespace xlsnap {

namespace {

// For temporary tags: what could not be removed is told, and no failure.
void warn_of_rest(Log &log, const std::vector<DiskTarget> &targets, const Status &removed,
                  const char *advice) {
    if (!removed)
        log.warn(fmt::format("the temporary snapshot '{}' of {} could not be removed: {}; it only "
                             "costs space: {}",
                             targets.front().tag, list_disks(targets), removed.error().message,
                             advice));
}

// What the domain has where it is to have these.
std::vector<DiskChange> present_images(const Domain &domain,
                                       const std::vector<DiskChange> &images) {
    std::vector<DiskChange> present;
    for (const DiskChange &image : images)
        if (const Disk *disk = find_disk(domain, image.vdev))
            present.push_back({disk->vdev, disk->path, disk->format});
    return present;
}

} // namespace

std::string list_disks(const std::vector<DiskTarget> &targets) {
    std::vector<std::string> names;
    names.reserve(targets.size());
    for (const DiskTarget &target : targets)
        names.push_back(fmt::format("{} ({})", target.vdev, target.path));
    return fmt::format("{}", fmt::join(names, ", "));
}

StepActions::StepActions(const Ports &ports, Domain domain, std::optional<MemoryImage> image)
    : ports_(ports), live_tags_(ports.toolstack, ports.live_disks),
      new_images_(ports.image_chains, ports.image_users), withdrawal_(ports),
      domain_(std::move(domain)), image_(std::move(image)) {}

struct RunStep {
    StepActions &self;

    Status operator()(const step::BeginMemoryImage &step) const {
        const MemoryImageInfo info{self.domain_.config_json, step.was_paused};
        XLSNAP_ASSIGN(self.writer_, self.ports_.memory_store.create(step.path, info));
        return {};
    }

    Status operator()(const step::MakeImages &step) const { return self.new_images_.make(step); }

    Status operator()(const step::SuspendDomain &step) const {
        // Suspended by another program meanwhile, it must not be resumed by our undo.
        XLSNAP_ASSIGN(const RunState state, self.ports_.toolstack.state(self.domain_.domid));
        if (state != RunState::Running && state != RunState::Paused)
            return fail(ErrorCode::NotReady,
                        fmt::format("it is {} by now: another program acts on it; try again when "
                                    "that is done",
                                    to_string(state)));
        self.suspend_tried_ = true;
        self.watcher_needed_ = true;
        return self.ports_.toolstack.suspend(self.domain_.domid, self.writer_->fd(), step.live);
    }

    Status operator()(const step::UseImages &step) const {
        self.replaced_ = present_images(self.domain_, step.images);
        return self.ports_.toolstack.change_disks(self.domain_, step.images);
    }

    Status operator()(const step::TakeDiskSnapshots &step) const {
        XLSNAP_TRY(self.live_tags_.create(self.domain_, step.targets, self.created_));
        for (const DiskTarget &target : external_ones(step.targets))
            set_image(self.domain_, {target.vdev, target.overlay, target.overlay_format});
        return {};
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
        XLSNAP_TRY(self.ports_.toolstack.destroy(self.domain_.domid));
        // With the next one on the same image both would write to it.
        return wait_until_left(self.ports_.image_users, self.domain_);
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

    Status operator()(const step::RestoreDomain &step) const {
        XLSNAP_ASSIGN(const std::string config,
                      with_disks(self.image_->info.config_json, step.images));
        XLSNAP_ASSIGN(self.domain_.domid,
                      self.ports_.toolstack.restore(config, self.image_->fd.get()));
        self.is_built_from(config);
        return {};
    }

    Status operator()(const step::StartDomain &step) const {
        XLSNAP_ASSIGN(const std::string config, with_disks(self.domain_.config_json, step.images));
        XLSNAP_ASSIGN(self.domain_.domid, self.ports_.toolstack.start(config));
        self.is_built_from(config);
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

Status StepActions::run(const Step &step) {
    return std::visit(RunStep{*this}, step);
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

// What follows asks QEMU about the disks that it has now.
void StepActions::is_built_from(const std::string &config_json) {
    watcher_needed_ = true;
    if (auto built = ports_.toolstack.read_config(config_json))
        domain_.disks = std::move(built->disks);
}

bool StepActions::is_gone() {
    const auto state = ports_.toolstack.state(domain_.domid);
    return !state && state.error().code == ErrorCode::DomainNotFound;
}

} // namespace xlsnap
