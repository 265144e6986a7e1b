// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "core/domain.hpp"
#include "core/refusals.hpp"
#include "core/snapshot_record.hpp"
#include "core/snapshot_request.hpp"

namespace xlsnap {

// A disk that takes part in an operation, and its tag or its overlay there.
struct DiskTarget {
    std::string vdev;
    std::string path;
    DiskFormat format = DiskFormat::Unknown;
    std::string tag; // of an external one, the name of the snapshot
    DiskSnapshotKind kind = DiskSnapshotKind::Internal;
    std::string overlay = {}; // of an external one
    DiskFormat overlay_format = DiskFormat::Qcow2;
    RevertWay way = RevertWay::InPlace; // as in DiskRequest
    std::string new_image = {};
};

enum class TagUse {
    Create,   // tags and overlays are to be made: names of ours are refused
    Existing, // tags and overlays are expected to exist
};

// What a request asks for. With refusals the targets are the disks that nothing was found against,
// so that what else stands against them can be told together with what is wrong with the others.
struct DiskSelection {
    std::vector<DiskTarget> targets;
    Refusals refusals;
};

// An image is made for it, and the domain's disk is another one afterwards.
[[nodiscard]] inline bool needs_image(const DiskTarget &target) {
    return target.way != RevertWay::InPlace;
}

[[nodiscard]] inline bool is_external(const DiskTarget &target) {
    return target.kind == DiskSnapshotKind::External;
}

// The disks of a request, matched with the domain's.
[[nodiscard]] DiskSelection select_disks(const Domain &domain, const SnapshotRequest &request,
                                         TagUse use);

// Disks that the guest can write to and that the targets leave out. A memory image without them is
// a snapshot of another instant than theirs.
[[nodiscard]] std::vector<std::string>
writable_disks_left_out(const Domain &domain, const std::vector<DiskTarget> &targets);

// Why a request about the disk `vdev` is wrong: the domain does not have it. Names those it has.
[[nodiscard]] std::string no_such_disk(const Domain &domain, std::string_view vdev);

[[nodiscard]] std::vector<std::string> paths_of(const std::vector<DiskTarget> &targets);

[[nodiscard]] std::vector<DiskTarget> external_ones(const std::vector<DiskTarget> &targets);
[[nodiscard]] std::vector<DiskTarget> internal_ones(const std::vector<DiskTarget> &targets);

// Those for which a revert makes no image, and the others.
[[nodiscard]] std::vector<DiskTarget> in_place(const std::vector<DiskTarget> &targets);
[[nodiscard]] std::vector<DiskTarget> with_new_image(const std::vector<DiskTarget> &targets);

} // namespace xlsnap
