// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "ports/disk_images.hpp"

namespace xlsnap {

// What each of these tags of a qcow2 image refers to, and what of it nothing else does, by the
// image's own tables. It takes no lock and disturbs nobody; of an image that is written meanwhile
// it is an estimate, and may be Invalid. The snapshot table, which all tags share, is not counted.
// Errors name the path, and are those of Qcow2File, read_qcow2_header, find_qcow2_tag and
// Qcow2TagWalk. The tags are best given in the order of their creation.
[[nodiscard]] std::vector<Result<StorageUsage>> qcow2_usage(const std::string &path,
                                                            const std::vector<std::string> &tags);

} // namespace xlsnap
