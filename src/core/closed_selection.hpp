// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include "core/disk_selection.hpp"
#include "core/snapshot_request.hpp"

namespace xlsnap {

// The disks of a request about a domain that does not run. Nobody knows them but the caller: each
// is an image, named by path and format, neither of which is guessed. A disk that has no vdev goes
// by its path in messages.
[[nodiscard]] DiskSelection select_closed_disks(const SnapshotRequest &request, TagUse use);

} // namespace xlsnap
