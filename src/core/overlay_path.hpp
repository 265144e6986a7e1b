// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"

namespace xlsnap {

// Where overlays go that nobody gave a path.
struct OverlayPlaces {
    std::string directory = {};        // all of them; empty: each beside its image
    std::string device_directory = {}; // of block devices, beside which there is no place; may be
                                       // empty
};

// What the name of an overlay is made of.
struct OverlayName {
    std::string image = {};    // that it lies on
    std::string snapshot = {}; // the name of the snapshot
    std::string vdev = {};     // to tell disks apart that would get one path; empty: not needed
    unsigned number = 0;       // of an overlay that a revert makes, from 1 on; 0: none
};

// <image without suffix>[.<vdev>].<snapshot>[.<number>].qcow2. What of the snapshot's name would
// make a bad file name, or a comma for xl's syntax of disks, is percent-encoded; an image's name
// that is too long for all this is cut. Invalid when there is no such place, or no such name.
[[nodiscard]] Result<std::string> overlay_path(const OverlayName &name,
                                               const OverlayPlaces &places);

// One disk's overlay: at a path, or else at one that is made of the rest.
struct OverlayWish {
    std::string path = {};
    std::string vdev = {};
    std::string image = {};
    std::string snapshot = {};
};

// The paths of all. One that is made and would be that of another disk too has the vdev in it.
[[nodiscard]] std::vector<Result<std::string>> overlay_paths(const std::vector<OverlayWish> &wishes,
                                                             const OverlayPlaces &places);

// The longest name of a file.
inline constexpr std::size_t kMaxFileNameBytes = 255;

} // namespace xlsnap
