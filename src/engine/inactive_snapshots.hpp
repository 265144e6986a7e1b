// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "core/disk_selection.hpp"
#include "core/plan.hpp"
#include "core/refusals.hpp"
#include "core/snapshot_request.hpp"
#include "core/tag_check.hpp"
#include "engine/ports.hpp"

namespace xlsnap {

// The three operations on the disks of a domain that does not run, by qemu-img: all disks or none.
// An image that anybody has open is refused before any image is changed.
class InactiveSnapshots {
  public:
    // `unique` as in SnapshotService.
    InactiveSnapshots(const Ports &ports, std::function<std::string()> unique)
        : ports_(ports), unique_(std::move(unique)) {}

    Status create(const SnapshotRequest &request);

    // After a failure the disks hold what they held before. `refusals`: what the caller knows
    // against it, to be told with everything else.
    Status revert(const SnapshotRequest &request, const Refusals &refusals = {});

    // What these would do, or what refuses it; nothing is changed.
    Result<Plan> plan_create(const SnapshotRequest &request);
    Result<Plan> plan_revert(const SnapshotRequest &request, const Refusals &refusals = {});
    Status check_removal(const SnapshotRequest &request);

    // What is gone already is told to the log. External disks are not for this: StatelessRemoval.
    Status remove(const SnapshotRequest &request);

  private:
    Ports ports_;
    std::function<std::string()> unique_;
};

} // namespace xlsnap
