// SPDX-License-Identifier: LGPL-2.1-only
#include "core/tag_check.hpp"

#include <string>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace xlsnap {

Status check_tags(const std::vector<DiskTarget> &targets, const std::vector<std::vector<Tag>> &tags,
                  TagUse use) {
    const bool wanted = use == TagUse::Existing;
    std::vector<std::string> reasons;
    for (std::size_t i = 0; i < targets.size(); ++i) {
        const bool found = find_tag(tags[i], targets[i].tag) != nullptr;
        if (found != wanted)
            reasons.push_back(fmt::format("disk {} has {} snapshot '{}'", targets[i].vdev,
                                          wanted ? "no" : "already a", targets[i].tag));
    }
    if (reasons.empty())
        return {};
    return fail(wanted ? ErrorCode::NotFound : ErrorCode::Invalid,
                fmt::format("{}; {}", fmt::join(reasons, "; "),
                            wanted ? "qemu-img snapshot -l lists those that an image has"
                                   : "delete it or choose another name"));
}

} // namespace xlsnap
