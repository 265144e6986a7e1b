// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <vector>

#include "base/result.hpp"
#include "core/block_node.hpp"
#include "core/disk_selection.hpp"
#include "core/refusals.hpp"

namespace xlsnap {

// The tags of one target's image, or why they cannot be told.
using ListedTags = Result<std::vector<Tag>>;

// Of which disks the tags cannot be told, and why.
[[nodiscard]] Refusals check_listed(const std::vector<DiskTarget> &targets,
                                    const std::vector<ListedTags> &listed);

// Why the images do not hold what the use of the internal targets' tags needs: `listed` are those
// of each target's image. Every disk of which it is not so is named: Invalid for tags that are to
// be made and exist, NotFound for tags that do not exist, after the errors of those that cannot be
// told.
[[nodiscard]] Refusals check_tags(const std::vector<DiskTarget> &targets,
                                  const std::vector<ListedTags> &listed, TagUse use);

// The same for images that qemu-img is to bring back to their tags: it must find one of each name
// (find_only_tag).
[[nodiscard]] Refusals check_only_tags(const std::vector<DiskTarget> &targets,
                                       const std::vector<ListedTags> &listed);

// The targets but those whose tag is known to be missing.
[[nodiscard]] std::vector<DiskTarget> without_missing(const std::vector<DiskTarget> &targets,
                                                      const std::vector<ListedTags> &listed);

} // namespace xlsnap
