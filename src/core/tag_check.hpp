// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <vector>

#include "base/result.hpp"
#include "core/block_node.hpp"
#include "core/disk_selection.hpp"

namespace xlsnap {

// Whether the images hold what the use of the targets' tags needs: `tags` are those of each
// target's image. All targets of which it is not so stand in the message: Invalid for tags that are
// to be made and exist, NotFound for tags that do not exist.
[[nodiscard]] Status check_tags(const std::vector<DiskTarget> &targets,
                                const std::vector<std::vector<Tag>> &tags, TagUse use);

} // namespace xlsnap
