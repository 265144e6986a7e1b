// SPDX-License-Identifier: LGPL-2.1-only
#include "core/tag_check.hpp"

#include <string>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace xlsnap {

namespace {

std::string who_is(const DiskTarget &target) {
    return fmt::format("disk {}", target.vdev);
}

bool holds(const ListedTags &listed, const DiskTarget &target) {
    return find_tag(*listed, target.tag) != nullptr;
}

} // namespace

Refusals check_listed(const std::vector<DiskTarget> &targets,
                      const std::vector<ListedTags> &listed) {
    Refusals refusals;
    for (std::size_t i = 0; i < targets.size(); ++i)
        if (!listed[i])
            refusals.add(fail(listed[i].error()), who_is(targets[i]));
    return refusals;
}

Refusals check_tags(const std::vector<DiskTarget> &targets, const std::vector<ListedTags> &listed,
                    TagUse use) {
    const bool wanted = use == TagUse::Existing;
    std::vector<std::string> reasons;
    for (std::size_t i = 0; i < targets.size(); ++i)
        if (!is_external(targets[i]) && listed[i] && holds(listed[i], targets[i]) != wanted)
            reasons.push_back(fmt::format("{} has {} snapshot '{}'", who_is(targets[i]),
                                          wanted ? "no" : "already a", targets[i].tag));
    Refusals refusals = check_listed(targets, listed);
    if (!reasons.empty())
        refusals.add(wanted ? ErrorCode::NotFound : ErrorCode::Invalid,
                     fmt::format("{}; {}", fmt::join(reasons, "; "),
                                 wanted ? "qemu-img snapshot -l lists those that an image has"
                                        : "delete it or choose another name"));
    return refusals;
}

Refusals check_only_tags(const std::vector<DiskTarget> &targets,
                         const std::vector<ListedTags> &listed) {
    Refusals refusals = check_listed(targets, listed);
    for (std::size_t i = 0; i < targets.size(); ++i) {
        if (!listed[i])
            continue;
        const Result<Tag> found = find_only_tag(*listed[i], targets[i].tag);
        if (!found)
            refusals.add(fail(found.error()), who_is(targets[i]));
    }
    return refusals;
}

std::vector<DiskTarget> without_missing(const std::vector<DiskTarget> &targets,
                                        const std::vector<ListedTags> &listed) {
    std::vector<DiskTarget> rest;
    for (std::size_t i = 0; i < targets.size(); ++i)
        if (!listed[i] || holds(listed[i], targets[i]))
            rest.push_back(targets[i]);
    return rest;
}

} // namespace xlsnap
