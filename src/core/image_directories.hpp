// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>
#include <vector>

#include "core/snapshot_record.hpp"

namespace xlsnap {

// Where copies of the record lie (ports/catalog.hpp): the directories of the images that it names,
// each once, sorted, except that of a read-only disk that the snapshot left out.
[[nodiscard]] std::vector<std::string> image_directories(const SnapshotRecord &record);

} // namespace xlsnap
