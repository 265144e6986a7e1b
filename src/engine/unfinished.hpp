// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <vector>

#include "core/disk_selection.hpp"
#include "core/refusals.hpp"
#include "core/snapshot_request.hpp"

namespace xlsnap {

// The one place that keeps external disk snapshots and live snapshots from being made, reverted to
// and deleted, until plans know them: NotImplemented for each, and no external target is left.
void refuse_unfinished(const SnapshotRequest &request, std::vector<DiskTarget> &targets,
                       Refusals &refusals);

} // namespace xlsnap
