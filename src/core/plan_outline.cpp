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

// Nothing for what only looks.
struct Outline {
    std::string operator()(const step::BeginMemoryImage &step) const {
        return "make the memory image " + step.path;
    }
    std::string operator()(const step::SuspendDomain &) const {
        return "suspend the domain and save its memory";
    }
    std::string operator()(const step::CreateTags &step) const {
        return with_tag("make the tag", step.targets) + ", all at one instant";
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

void append(std::vector<std::string> &lines, const std::vector<Step> &steps) {
    for (const Step &step : steps)
        if (std::string line = std::visit(Outline{}, step); !line.empty())
            lines.push_back(std::move(line));
}

} // namespace

std::vector<std::string> outline(const Plan &plan) {
    std::vector<std::string> lines;
    append(lines, plan.steps);
    append(lines, plan.closing);
    return lines;
}

} // namespace xlsnap
