// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "core/disk_selection.hpp"
#include "core/refusals.hpp"
#include "core/snapshot_request.hpp"

namespace xlsnap {

// What select_disks() and select_closed_disks() ask alike of an internal or external disk snapshot.

// Whether an image of this format can have a snapshot of the kind that is asked for.
[[nodiscard]] Status check_kind(const DiskRequest &request, DiskFormat format, TagUse use);

// Whether the tag is a good name. That of an external one is only part of a path.
[[nodiscard]] Status check_name(const DiskRequest &request, TagUse use);

// Whether the snapshot can be live.
[[nodiscard]] Refusals check_live(const SnapshotRequest &request);

[[nodiscard]] DiskTarget target_of(const DiskRequest &request, const std::string &vdev,
                                   const std::string &path, DiskFormat format);

// Gives new overlays that have none a path beside their images, and refuses paths that are no good:
// not absolute, too long, or that of another overlay or, of a new one, of one of the `images`.
void settle_overlays(DiskSelection &selection, const std::vector<std::string> &images, TagUse use);

} // namespace xlsnap
