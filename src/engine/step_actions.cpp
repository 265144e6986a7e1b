// SPDX-License-Identifier: LGPL-2.1-only
#include "engine/step_actions.hpp"

#include <chrono>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace xlsnap {

namespace {

// How long a destroyed domain's QEMU may take to close its images. It writes back its caches, so
// slow storage counts; a process that keeps an image longer hangs.
constexpr std::chrono::seconds kImageReleaseDeadline{60};

// "xvda (/images/a.qcow2), …": for messages that tell where data lies.
std::string list_disks(const std::vector<DiskTarget> &targets) {
    std::vector<std::string> names;
    names.reserve(targets.size());
    for (const DiskTarget &target : targets)
        names.push_back(fmt::format("{} ({})", target.vdev, target.path));
    return fmt::format("{}", fmt::join(names, ", "));
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
        self.suspend_tried_ = true;
        return self.ports_.toolstack.suspend(self.domain_.domid, self.writer_->fd());
    }

    Status operator()(const step::CreateTags &step) const {
        return self.live_tags_.create(self.domain_, step.targets, self.created_);
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
        XLSNAP_TRY(self.ports_.image_users.wait_until_unused(paths_of(step.targets),
                                                             kImageReleaseDeadline));
        for (const DiskTarget &target : step.targets) {
            self.disks_changed_ = true;
            XLSNAP_TRY(self.ports_.disk_images.revert_to_tag(target.path, target.format, target.tag)
                           .with_context(fmt::format("disk {}", target.vdev)));
        }
        return {};
    }

    Status operator()(const step::RestoreDomain & /*step*/) const {
        XLSNAP_ASSIGN(
            self.domain_.domid,
            self.ports_.toolstack.restore(self.image_->info.config_json, self.image_->fd.get()));
        return {};
    }

    Status operator()(const step::StartDomain & /*step*/) const {
        XLSNAP_ASSIGN(self.domain_.domid, self.ports_.toolstack.start(self.domain_.config_json));
        return {};
    }

    Status operator()(const step::UnpauseDomain & /*step*/) const {
        return self.ports_.toolstack.unpause(self.domain_.domid);
    }

    Status operator()(const step::DropTags &step) const {
        std::vector<DiskTarget> gone;
        if (Status removed = self.live_tags_.remove(self.domain_, step.targets, gone); !removed)
            self.ports_.log.warn(fmt::format(
                "the temporary snapshot '{}' of {} could not be removed: {}; it only "
                "costs space: remove it with xlsnap delete --disk-only",
                step.targets.front().tag, list_disks(step.targets), removed.error().message));
        return {};
    }
};

struct UndoStep {
    StepActions &self;

    Status operator()(const step::BeginMemoryImage & /*step*/) const {
        self.writer_.reset();
        return {};
    }

    Status operator()(const step::SuspendDomain &step) const {
        if (!std::exchange(self.suspend_tried_, false))
            return {};
        return self.ports_.toolstack.let_run(self.domain_.domid, step.was_paused);
    }

    Status operator()(const step::CreateTags & /*step*/) const {
        const std::vector<DiskTarget> created = std::exchange(self.created_.targets, {});
        // Disks that could not be brought back need the tags: nothing else holds their content.
        if (created.empty() || self.disks_changed_)
            return {};
        return self.remove_tags(created).with_context(fmt::format(
            "snapshot '{}' may still be on {}; remove it with xlsnap delete --disk-only",
            created.front().tag, list_disks(created)));
    }

    Status operator()(const step::ResumeDomain & /*step*/) const { return {}; }
    Status operator()(const step::PublishMemoryImage & /*step*/) const { return {}; }

    Status operator()(const step::PauseDomain & /*step*/) const {
        if (!std::exchange(self.paused_here_, false))
            return {};
        return self.ports_.toolstack.unpause(self.domain_.domid);
    }

    Status operator()(const step::DestroyDomain & /*step*/) const {
        if (!std::exchange(self.destroy_tried_, false))
            return {};
        return self.start_from_configuration();
    }

    Status operator()(const step::RevertDisks &step) const {
        if (!self.disks_changed_)
            return {};
        for (const DiskTarget &target : step.targets)
            XLSNAP_TRY(
                self.ports_.disk_images.revert_to_tag(target.path, target.format, step.present_tag)
                    .with_context(fmt::format(
                        "disk {} ({}): its state before the revert is kept in snapshot '{}'",
                        target.vdev, target.path, step.present_tag)));
        self.disks_changed_ = false;
        return {};
    }

    Status operator()(const step::RestoreDomain & /*step*/) const { return {}; }
    Status operator()(const step::StartDomain & /*step*/) const { return {}; }
    Status operator()(const step::UnpauseDomain & /*step*/) const { return {}; }
    Status operator()(const step::DropTags & /*step*/) const { return {}; }
};

Status StepActions::run(const Step &step) {
    return std::visit(RunStep{*this}, step);
}

Status StepActions::undo(const Step &step) {
    return std::visit(UndoStep{*this}, step);
}

Status StepActions::remove_tags(const std::vector<DiskTarget> &targets) {
    if (ports_.toolstack.state(domain_.domid)) {
        std::vector<DiskTarget> gone;
        return live_tags_.remove(domain_, targets, gone);
    }
    for (const DiskTarget &target : targets) {
        XLSNAP_ASSIGN(const std::vector<Tag> tags,
                      ports_.disk_images.list_tags(target.path, target.format));
        if (find_tag(tags, target.tag) != nullptr)
            XLSNAP_TRY(ports_.disk_images.delete_tag(target.path, target.format, target.tag));
    }
    return {};
}

// After a destroy that was tried: the domain may live on, or have to be built again. It is built
// only on disks that hold what they held before and that no other process has open.
Status StepActions::start_from_configuration() {
    if (ports_.toolstack.state(domain_.domid))
        return {};
    if (disks_changed_)
        return fail(ErrorCode::Fail,
                    fmt::format("domain {} is not started again, because its disks are not what "
                                "they were; revert them, then start it with xl create",
                                domain_.name));
    std::vector<std::string> images;
    for (const Disk &disk : domain_.disks)
        if (disk.writable && !disk.path.empty())
            images.push_back(disk.path);
    XLSNAP_TRY(ports_.image_users.wait_until_unused(images, kImageReleaseDeadline)
                   .with_context(fmt::format("domain {} is not started again; start it with xl "
                                             "create when its images are free",
                                             domain_.name)));
    XLSNAP_ASSIGN(domain_.domid, ports_.toolstack.start(domain_.config_json)
                                     .with_context(fmt::format(
                                         "domain {} could not be started again; its disks hold "
                                         "what they held, start it with xl create",
                                         domain_.name)));
    started_again_ = true;
    return {};
}

} // namespace xlsnap
