// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "core/image_chain.hpp"

namespace xlsnap {

// How long a guest will stand still for its snapshot. These are estimates for people and defaults,
// not bounds: storage differs.

// To make a tag QEMU reads and writes all tables of the image that tell of allocated clusters
// (qcow2_update_snapshot_refcount, block/qcow2-refcount.c in qemu.git), while nothing else uses the
// image: about a microsecond a cluster. The images are taken one after another.
[[nodiscard]] std::chrono::milliseconds time_for_tags(const std::vector<ChainLayer> &images);

// Longer than this no guest stands still that nobody has asked for it: its disks get overlays.
inline constexpr std::chrono::milliseconds kLongestUnasked{1000};

// The transaction itself: overlays are put in use at once, whatever the images below hold.
inline constexpr std::chrono::milliseconds kTimeForDisks{100};

// What a guest waits for while its memory is written; of a live snapshot only what it writes faster
// than it can be saved.
[[nodiscard]] std::chrono::milliseconds time_for_memory(std::uint64_t bytes, bool live);

// "about 2.3 s".
[[nodiscard]] std::string about(std::chrono::milliseconds time);

} // namespace xlsnap
