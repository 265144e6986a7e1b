// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstdint>

namespace xlsnap {

// What a memory image of a guest with so much memory takes at most: libxc's records and the state
// of the devices come to less than a twentieth of the memory, and for a tiny guest to less than 4
// MiB.
[[nodiscard]] constexpr std::uint64_t memory_image_bytes(std::uint64_t memory_bytes) {
    constexpr std::uint64_t least = 4U << 20U;
    const std::uint64_t rest = memory_bytes / 20;
    return memory_bytes + (rest > least ? rest : least);
}

} // namespace xlsnap
