// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/qemu/cluster_usage.hpp"

namespace xlsnap {

Status ClusterUsage::add(std::uint64_t cluster) {
    XLSNAP_ASSIGN(const unsigned now, counts_.add(cluster));
    return count(cluster, now - 1, now);
}

Status ClusterUsage::remove(std::uint64_t cluster) {
    XLSNAP_ASSIGN(const unsigned now, counts_.remove(cluster));
    return count(cluster, now + 1, now);
}

Status ClusterUsage::count(std::uint64_t cluster, unsigned before, unsigned now) {
    XLSNAP_ASSIGN(const std::uint64_t references, refcounts_.of(cluster));
    const auto is_alone = [references](unsigned count) {
        return count != 0 && count == references;
    };
    held_ -= before != 0 ? 1 : 0;
    held_ += now != 0 ? 1 : 0;
    alone_ -= is_alone(before) ? 1 : 0;
    alone_ += is_alone(now) ? 1 : 0;
    return {};
}

StorageUsage ClusterUsage::usage() const {
    return {held_ * header_.cluster_size(), alone_ * header_.cluster_size()};
}

} // namespace xlsnap
