// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/qemu/cluster_counts.hpp"

#include <fmt/format.h>

namespace xlsnap {

Result<unsigned> ClusterCounts::add(std::uint64_t cluster) {
    auto found = chunks_.find(cluster / kChunk);
    if (found == chunks_.end()) {
        if (chunks_.size() == kMostChunks)
            return fail(ErrorCode::NotImplemented,
                        "the image has more clusters than xlsnap counts; give it larger ones");
        found = chunks_.emplace(cluster / kChunk, decltype(chunks_)::mapped_type{}).first;
    }
    std::uint16_t &count = found->second[cluster % kChunk];
    if (count == UINT16_MAX)
        return fail(ErrorCode::NotImplemented,
                    fmt::format("a tag refers to the cluster {} more often than xlsnap counts; "
                                "look at the image with qemu-img check",
                                cluster));
    return ++count;
}

Result<unsigned> ClusterCounts::remove(std::uint64_t cluster) {
    const auto found = chunks_.find(cluster / kChunk);
    if (found == chunks_.end() || found->second[cluster % kChunk] == 0)
        return fail(ErrorCode::Invalid,
                    "the image changed while it was read; if it is in use, try again");
    return --found->second[cluster % kChunk];
}

} // namespace xlsnap
