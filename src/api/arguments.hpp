// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstdint>
#include <optional>
#include <string>

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

// It has a length that a path can have.
[[nodiscard]] Status check_path(const std::string &path, const char *what);

// Of an overlay; NULL: qcow2. Unknown is any other that is said, since none can be chosen.
[[nodiscard]] DiskFormat overlay_format_in(const char *format);

} // namespace xlsnap::api
