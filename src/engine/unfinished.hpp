// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <vector>

#include "core/disk_selection.hpp"
#include "core/refusals.hpp"
#include "core/snapshot_choice.hpp"
#include "core/snapshot_request.hpp"

namespace xlsnap {

// The one place that keeps external disk snapshots and live snapshots from being made, reverted to
// and deleted, until plans know them: NotImplemented for each, and no external target is left.
void refuse_unfinished(const SnapshotRequest &request, std::vector<DiskTarget> &targets,
                       Refusals &refusals);

// And until then the disks of which nothing is said are internal where they can be: a default must
// not ask for what there is not. `live` is left alone, since it was asked for.
[[nodiscard]] std::vector<DiskWish>
without_unfinished_defaults(const Domain &domain, std::vector<DiskWish> wishes, bool live);

} // namespace xlsnap
