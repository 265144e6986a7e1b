// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/qemu/cluster_counts.hpp"

namespace xlsnap {

Status ClusterCounts::add(std::uint64_t cluster) {
    auto found = chunks_.find(cluster / kChunk);
    if (found == chunks_.end()) {
        if (chunks_.size() == kMostChunks)
            return fail(ErrorCode::NotImplemented,
                        "the image has more clusters than xlsnap counts; give it larger ones");
        found = chunks_.emplace(cluster / kChunk, decltype(chunks_)::mapped_type{}).first;
    }
    std::uint16_t &count = found->second[cluster % kChunk];
    if (count < kMost)
        ++count;
    return {};
}

unsigned ClusterCounts::of(std::uint64_t cluster) const {
    const auto found = chunks_.find(cluster / kChunk);
    return found == chunks_.end() ? 0 : found->second[cluster % kChunk];
}

} // namespace xlsnap
