// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>

#include "base/result.hpp"
#include "ports/disk_images.hpp"

namespace xlsnap {

// What a tag of a qcow2 image refers to, and what of it nothing else does, by the image's own
// tables. It takes no lock and disturbs nobody; of an image that is written meanwhile it is an
// estimate, and may be Invalid. The snapshot table, which all tags share, is not counted. Errors
// name the path, and are those of Qcow2File, read_qcow2_header and find_qcow2_tag.
[[nodiscard]] Result<StorageUsage> qcow2_usage(const std::string &path, const std::string &tag);

} // namespace xlsnap
