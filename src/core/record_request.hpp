// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <vector>

#include "core/snapshot_record.hpp"
#include "core/snapshot_request.hpp"

namespace xlsnap {

// What the operations without records are asked for, to make what this record will tell of.
[[nodiscard]] SnapshotRequest create_request(const SnapshotRecord &record,
                                             const std::vector<DiskRequest> &disks);

// To revert to it, or to delete its data: the memory image and each disk that has a tag.
[[nodiscard]] SnapshotRequest request_for(const SnapshotRecord &record);

} // namespace xlsnap
