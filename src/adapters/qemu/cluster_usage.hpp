// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstdint>

#include "adapters/qemu/cluster_counts.hpp"
#include "adapters/qemu/qcow2_refcounts.hpp"
#include "ports/disk_images.hpp"

namespace xlsnap {

// What the references that are counted hold, and what of it nothing else in the image refers to.
// The header must outlive this.
class ClusterUsage {
  public:
    ClusterUsage(const Qcow2File &file, const Qcow2Header &header)
        : header_(header), refcounts_(file, header) {}

    // One reference more, or one that was added less. Errors are those of ClusterCounts and
    // Qcow2Refcounts.
    Status add(std::uint64_t cluster);
    Status remove(std::uint64_t cluster);

    [[nodiscard]] StorageUsage usage() const;

  private:
    Status count(std::uint64_t cluster, unsigned before, unsigned now);

    const Qcow2Header &header_;
    ClusterCounts counts_;
    Qcow2Refcounts refcounts_;
    std::uint64_t held_ = 0;  // clusters
    std::uint64_t alone_ = 0; // of these those with no other reference
};

} // namespace xlsnap
