// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "core/combinations.hpp"
#include "core/domain.hpp"
#include "core/overlay_path.hpp"
#include "core/snapshot_record.hpp"
#include "core/snapshot_request.hpp"

namespace xlsnap {

// How the user wants one disk treated.
struct DiskWish {
    std::string vdev;
    DiskWishKind kind = DiskWishKind::Default;
    // The overlay of an external disk snapshot; an empty path: one that is made up.
    std::string path = {};
    DiskFormat format = DiskFormat::Qcow2;
};

// How the user wants a new snapshot, and what its parts are called.
struct SnapshotWish {
    bool online = false;
    MemoryWish memory = MemoryWish::Default;
    bool disk_only = false;
    bool live = false;
    bool slow_tags = false; // as in AskedCombination
    std::vector<DiskWish> disks = {};
    std::string name = {}; // of the snapshot
    std::string tag = {};
    OverlayPlaces overlays = {};
};

struct SnapshotChoice {
    bool memory = false;
    std::vector<DiskRequest> disks; // that take part, in the domain's order
};

// What the new snapshot holds: combine() of the domain's disks and the wishes about them. A disk
// that the guest cannot change takes part when Internal or External is said for it, so that the
// selection tells why it cannot. Invalid, with all reasons, for a wish about a disk that the domain
// does not have, for two about one disk, for a combination that there is not, and when there is no
// place for an overlay.
[[nodiscard]] Result<SnapshotChoice> choose_snapshot(const Domain &domain,
                                                     const SnapshotWish &wish);

// What the record of the snapshot says of the domain's disks: every one with an image, those that
// `requests` leave out as None. Marks and sizes are for the caller to fill in.
[[nodiscard]] std::vector<DiskRecord> disk_records(const Domain &domain,
                                                   const std::vector<DiskRequest> &requests);

} // namespace xlsnap
