// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>
#include <vector>

namespace xlsnap {

// One disk of a request, as the caller said it (libxl_disk_snapshot).
struct DiskRequest {
    std::string vdev;
    std::string path; // empty: whatever the domain uses
    std::string tag;
    bool external = false;
};

// A request, as the caller said it (libxl_domain_snapshot_args).
struct SnapshotRequest {
    bool memory = false;
    std::string memory_path;
    std::vector<DiskRequest> disks;
};

} // namespace xlsnap
