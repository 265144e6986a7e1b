// SPDX-License-Identifier: LGPL-2.1-only
#include "core/plan_outline.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace xlsnap {

namespace {

std::string disks_of(const std::vector<DiskTarget> &targets) {
    std::vector<std::string> disks;
    disks.reserve(targets.size());
    for (const DiskTarget &target : targets)
        disks.push_back(fmt::format("{} ({})", target.vdev, target.path));
    return fmt::format("disk{} {}", disks.size() == 1 ? "" : "s", fmt::join(disks, ", "));
}

std::string with_tag(const char *action, const std::vector<DiskTarget> &targets) {
    return fmt::format("{} {} in {}", action, targets.front().tag, disks_of(targets));
}

std::string taken(const std::vector<DiskTarget> &targets) {
    std::vector<std::string> actions;
    if (const auto tags = internal_ones(targets); !tags.empty())
        actions.push_back(with_tag("make the tag", tags));
    if (const auto overlays = external_ones(targets); !overlays.empty())
        actions.push_back("put the overlays in use of " + disks_of(overlays));
    return fmt::format("{}", fmt::join(actions, " and "));
}

// Nothing for what only looks.
struct Outline {
    std::string operator()(const step::BeginMemoryImage &step) const {
        return "make the memory image " + step.path;
    }
    std::string operator()(const step::MakeImages &step) const {
        std::vector<std::string> images;
        for (const ImageToMake &image : step.images)
            images.push_back(image.tag.empty()
                                 ? fmt::format("the overlay {} on {}", image.path, image.from)
                                 : fmt::format("{}, a copy of the tag {} in {}", image.path,
                                               image.tag, image.from));
        return fmt::format("make {}", fmt::join(images, ", "));
    }
    std::string operator()(const step::SuspendDomain &step) const {
        return step.live ? "save the domain's memory while it runs, then suspend it"
                         : "suspend the domain and save its memory";
    }
    std::string operator()(const step::UseImages &step) const {
        std::vector<std::string> disks;
        for (const DiskChange &image : step.images)
            disks.push_back(fmt::format("{} ({})", image.vdev, image.path));
        return fmt::format("write new images into the domain's configuration: {}",
                           fmt::join(disks, ", "));
    }
    std::string operator()(const step::TakeDiskSnapshots &step) const {
        return taken(step.targets) + ", all at one instant";
    }
    std::string operator()(const step::CheckTags &) const { return {}; }
    std::string operator()(const step::CreateClosedTags &step) const {
        return with_tag("make the tag", step.targets);
    }
    std::string operator()(const step::ResumeDomain &step) const {
        return step.was_paused ? "resume the domain, paused as it is" : "resume the domain";
    }
    std::string operator()(const step::PublishMemoryImage &) const {
        return "sync the memory image and give it its name";
    }
    std::string operator()(const step::PauseDomain &) const { return "pause the domain"; }
    std::string operator()(const step::DestroyDomain &) const {
        return "destroy the domain; what it had in memory is gone then";
    }
    std::string operator()(const step::RevertDisks &step) const {
        return with_tag("revert to the tag", step.targets);
    }
    std::string operator()(const step::RestoreDomain &) const {
        return "build the domain from the memory image, paused";
    }
    std::string operator()(const step::StartDomain &) const {
        return "build the domain from its configuration, paused";
    }
    std::string operator()(const step::UnpauseDomain &) const { return "let the domain run"; }
    std::string operator()(const step::DropTags &step) const {
        return with_tag("remove the tag", step.targets);
    }
    std::string operator()(const step::DropClosedTags &step) const {
        return with_tag("remove the tag", step.targets);
    }
};

struct Describe {
    std::string operator()(const step::BeginMemoryImage &) const {
        return "making the memory image";
    }
    std::string operator()(const step::MakeImages &) const { return "making images"; }
    std::string operator()(const step::SuspendDomain &) const { return "saving the memory"; }
    std::string operator()(const step::UseImages &) const {
        return "changing the domain's configuration";
    }
    std::string operator()(const step::TakeDiskSnapshots &) const {
        return "making disk snapshots";
    }
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

void append(std::vector<std::string> &lines, const std::vector<Step> &steps) {
    for (const Step &step : steps)
        if (std::string line = std::visit(Outline{}, step); !line.empty())
            lines.push_back(std::move(line));
}

} // namespace

std::string describe(const Step &step) {
    return std::visit(Describe{}, step);
}

std::vector<std::string> outline(const Plan &plan) {
    std::vector<std::string> lines;
    append(lines, plan.steps);
    append(lines, plan.closing);
    return lines;
}

} // namespace xlsnap
