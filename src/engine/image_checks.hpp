// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "core/disk_selection.hpp"
#include "core/overlay_path.hpp"
#include "core/refusals.hpp"
#include "engine/ports.hpp"

namespace xlsnap {

// Whether the overlays of the external targets can be made: their paths are free and have room, and
// what they will lie on is a sound chain that is not too long.
[[nodiscard]] Refusals check_new_overlays(const Ports &ports,
                                          const std::vector<DiskTarget> &targets);

// The same of the images that a revert to the targets makes, and whether what they are made from is
// there.
[[nodiscard]] Refusals check_images_for_revert(const Ports &ports,
                                               const std::vector<DiskTarget> &targets);

// Gives those a path that have none.
[[nodiscard]] Refusals name_images_for_revert(const Ports &ports, std::vector<DiskTarget> &targets);

// A path with the next free number, for an image that a revert to the snapshot makes.
[[nodiscard]] Result<std::string> free_image_path(DiskImages &images, const std::string &image,
                                                  const std::string &snapshot,
                                                  const std::string &vdev,
                                                  const OverlayPlaces &places);

} // namespace xlsnap
