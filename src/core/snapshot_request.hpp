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
    std::string tag;  // of an external one, the name of the snapshot
    bool external = false;
    // Read for an inactive domain only; that of a running one is known.
    DiskFormat format = DiskFormat::Unknown;
    // Of an external one: its overlay; empty: a new one is named after `path` and `tag`.
    std::string overlay = {};
    DiskFormat overlay_format = DiskFormat::Qcow2;
};

// A request, as the caller said it (libxl_domain_snapshot_args).
struct SnapshotRequest {
    bool memory = false;
    std::string memory_path;
    // The guest runs on while most of its memory is written; means nothing without memory.
    bool live = false;
    // The directory of memory_path is made when the memory image is: it need not be there yet.
    bool directory_is_made = false;
    std::vector<DiskRequest> disks;
    // A forced revert of a running domain with memory: disks that it has no more, or has with
    // another image. Their images are reverted too, since the domain will have them again.
    std::vector<DiskRequest> detached;
    // The uuid that the configuration in the memory image must name (SnapshotRecord::domain_uuid,
    // of a snapshot that is known to be the domain's all the same); empty: the domain's own.
    std::string known_uuid;
    // A forced revert: images that the domain may have no more, or not on the same disk.
    // snapshot_drift has told of them, and the open-image guard looked at them.
    std::vector<std::string> may_differ;
};

} // namespace xlsnap
