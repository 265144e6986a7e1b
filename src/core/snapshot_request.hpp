// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>
#include <vector>

#include "core/domain.hpp"

namespace xlsnap {

// One disk of a request, as the caller said it (libxl_disk_snapshot).
struct DiskRequest {
    std::string vdev;
    std::string path; // empty: whatever the domain uses
    std::string tag;
    bool external = false;
    // Read for an inactive domain only; that of a running one is known.
    DiskFormat format = DiskFormat::Unknown;
};

// A request, as the caller said it (libxl_domain_snapshot_args).
struct SnapshotRequest {
    bool memory = false;
    std::string memory_path;
    std::vector<DiskRequest> disks;
};

} // namespace xlsnap
