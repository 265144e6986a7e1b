// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstdint>
#include <optional>

#include "base/result.hpp"
#include "core/domain.hpp"
#include "core/snapshot_request.hpp"
#include "libxl_snapshot.h"

namespace xlsnap::api {

// From C arguments, of which nothing is trusted, to a request. What stands in the way is Invalid,
// or NotImplemented where the header says so.

// Nothing for -1, an inactive domain.
[[nodiscard]] Result<std::optional<DomainId>> domain_id(int domid);

[[nodiscard]] Result<SnapshotRequest> request_of(const libxl_domain_snapshot_args *args);

[[nodiscard]] Result<SnapshotRequest> request_of(const libxl_disk_snapshot *disks, int count);

// What `live` needs of a request; NotImplemented when it has all of it.
[[nodiscard]] Status check_live(bool live, const SnapshotRequest &request);

} // namespace xlsnap::api
