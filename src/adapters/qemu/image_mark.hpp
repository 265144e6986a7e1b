// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>

#include "base/result.hpp"
#include "core/snapshot_record.hpp"

namespace xlsnap {

// The mark of a regular file or block device, whatever name leads to it. NotFound when there is
// none; Invalid when it is anything else.
[[nodiscard]] Result<ImageMark> mark_of(const std::string &path);

// Whether they are marks of one file or device, whatever was written to it between them.
[[nodiscard]] inline bool is_same_file(const ImageMark &one, const ImageMark &other) {
    return one.device == other.device && one.inode == other.inode;
}

} // namespace xlsnap
