// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>

#include "base/result.hpp"

namespace xlsnap {

// How often clusters of an image were counted. It takes two bytes for a cluster, and never more
// than a limit, however far apart the clusters lie.
class ClusterCounts {
  public:
    // One more; NotImplemented when there are too many clusters.
    Status add(std::uint64_t cluster);

    [[nodiscard]] unsigned of(std::uint64_t cluster) const;

    // Calls `visit(cluster, count)`, which returns a Status, for each that was counted, in their
    // order, until one fails. A count of kMost may be more.
    template <typename Visit> [[nodiscard]] Status for_each(Visit visit) const {
        for (const auto &[number, chunk] : chunks_)
            for (std::size_t i = 0; i < kChunk; ++i)
                if (chunk[i] != 0)
                    XLSNAP_TRY(visit(number * kChunk + i, unsigned{chunk[i]}));
        return {};
    }

    static constexpr unsigned kMost = UINT16_MAX;

  private:
    static constexpr std::size_t kChunk = 4096;
    static constexpr std::size_t kMostChunks = 32768; // 8 TiB of clusters of 64 KiB, in 256 MiB

    std::map<std::uint64_t, std::array<std::uint16_t, kChunk>> chunks_;
};

} // namespace xlsnap
