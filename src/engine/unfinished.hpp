// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <vector>

#include "core/disk_selection.hpp"
#include "core/refusals.hpp"

namespace xlsnap {

// External disk snapshots are deleted with their records alone so far: NotImplemented for each, and
// no external target is left.
void refuse_unfinished(std::vector<DiskTarget> &targets, Refusals &refusals);

} // namespace xlsnap
