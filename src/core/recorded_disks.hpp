// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <vector>

#include "core/snapshot_record.hpp"

namespace xlsnap {

// The disks that a domain had at the last operation, as far as its records tell: vdev, path and
// format, which is Unknown when none of them names that image.
[[nodiscard]] std::vector<DiskRecord> recorded_disks(const DomainRecord &domain,
                                                     const std::vector<SnapshotRecord> &records);

} // namespace xlsnap
