// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>

#include "base/result.hpp"

namespace xlsnap {

// How often clusters of an image are counted. It takes two bytes for a cluster, and never more than
// a limit, however far apart the clusters lie.
class ClusterCounts {
  public:
    // One more, and how many these are then. NotImplemented when there are too many clusters, or
    // one is counted too often.
    Result<unsigned> add(std::uint64_t cluster);

    // One less, and how many are left. Invalid when there is none.
    Result<unsigned> remove(std::uint64_t cluster);

  private:
    static constexpr std::size_t kChunk = 4096;
    static constexpr std::size_t kMostChunks = 32768; // 8 TiB of clusters of 64 KiB, in 256 MiB

    std::map<std::uint64_t, std::array<std::uint16_t, kChunk>> chunks_;
};

} // namespace xlsnap
