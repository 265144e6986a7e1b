// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>
#include <vector>

#include "core/config_disks.hpp"
#include "core/domain.hpp"
#include "core/image_layers.hpp"

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
    // To revert to it. An internal one that nobody says more about is reverted in place; an
    // external one gets a new overlay, for that is the only way.
    RevertWay way = RevertWay::InPlace;
    // The image to be made, unless it is reverted in place; empty: one with a free name beside.
    std::string new_image = {};
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
    // Of a domain that does not run: two nodes may have its images open when it does, since it is
    // an HVM domain or nobody knows.
    bool twins = true;
    // A revert of a running domain: disks that it will have again, with images that no disk of it
    // has now.
    std::vector<DiskRequest> detached;
    // Disks that the snapshot leaves out and that have other images of the domain's now: these they
    // keep, whatever the configuration in the memory image says.
    std::vector<DiskChange> moved;
    // The uuid that the configuration in the memory image must name (SnapshotRecord::domain_uuid,
    // of a snapshot that is known to be the domain's all the same); empty: the domain's own.
    std::string known_uuid;
    // Images that the domain may have no more, or not on the same disk: the caller knows why.
    // snapshot_drift has told of them, and the open-image guard looked at them.
    std::vector<std::string> may_differ;
};

} // namespace xlsnap
