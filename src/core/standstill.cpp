// SPDX-License-Identifier: LGPL-2.1-only
#include "core/standstill.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace xlsnap {

namespace {

// Of a memory image: what ordinary storage takes.
constexpr std::uint64_t kSavedBytesPerSecond = std::uint64_t{500} << 20U;

// Suspending, the last of the memory, and resuming.
constexpr std::chrono::milliseconds kLivePause{200};

constexpr std::uint64_t kClustersPerMillisecond = 1000;

} // namespace

std::chrono::milliseconds time_for_tags(const std::vector<ChainLayer> &images) {
    std::uint64_t clusters = 0;
    for (const ChainLayer &image : images)
        clusters += image.allocated_bytes / std::max<std::uint64_t>(image.cluster_bytes, 1);
    return std::chrono::milliseconds(clusters / kClustersPerMillisecond);
}

std::chrono::milliseconds time_for_memory(std::uint64_t bytes, bool live) {
    if (live)
        return kLivePause;
    return std::chrono::milliseconds(bytes / (kSavedBytesPerSecond / 1000));
}

std::string about(std::chrono::milliseconds time) {
    return fmt::format("about {:.1f} s",
                       std::max(0.1, std::chrono::duration<double>(time).count()));
}

} // namespace xlsnap
