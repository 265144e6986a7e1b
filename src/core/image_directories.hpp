// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>
#include <vector>

#include "core/snapshot_record.hpp"

namespace xlsnap {

// The images that hold data of the snapshot or go on from them: all that the record names by an
// absolute path, except that of a read-only disk which the snapshot left out.
[[nodiscard]] std::vector<std::string> images_with_data(const SnapshotRecord &record);

// The directories of these files, each once, sorted.
[[nodiscard]] std::vector<std::string> directories_of(const std::vector<std::string> &paths);

} // namespace xlsnap
