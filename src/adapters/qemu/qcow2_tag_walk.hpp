// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "adapters/qemu/cluster_usage.hpp"
#include "adapters/qemu/qcow2_tags.hpp"

namespace xlsnap {

// Goes from tag to tag of an image and counts how often each refers to each cluster. Neighbours
// have most L2 tables in common, which are not read again: so all tags in the order of their
// creation take little longer than one. The section "Cluster mapping" describes the tables.
class Qcow2TagWalk {
  public:
    // Both must outlive this.
    Qcow2TagWalk(const Qcow2File &file, const Qcow2Header &header)
        : file_(file), header_(header), usage_(file, header) {}

    // From now on usage() is that of this tag. After an error it means nothing any more. Besides
    // what ClusterUsage says: Invalid when a table cannot be right, NotImplemented when the tag has
    // more of them than are read.
    Status move_to(const Qcow2Tag &tag);

    [[nodiscard]] StorageUsage usage() const { return usage_.usage(); }

  private:
    struct Extent {
        std::uint64_t offset = 0;
        std::uint64_t bytes = 0;
    };
    struct Tables {
        Extent l1 = {};
        std::vector<std::uint64_t> l2 = {}; // offsets, in their order, each one once
    };
    using Count = Status (ClusterUsage::*)(std::uint64_t cluster); // add or remove

    Result<Tables> read_tables(const Qcow2Tag &tag) const;
    Result<std::vector<std::byte>> read_l1(const Qcow2Tag &tag) const;
    [[nodiscard]] Status check_l2(const Tables &tables) const;
    Status count_tables(const Tables &tables, const Tables &others, Count count);
    Status count_entries(std::span<const std::byte> table, Count count);
    Status count_standard(std::uint64_t entry, Count count);
    Status count_compressed(std::uint64_t entry, Count count);
    Status count_extent(const Extent &extent, Count count);
    [[nodiscard]] std::uint64_t cluster_of(std::uint64_t offset) const {
        return offset >> header_.cluster_bits;
    }

    const Qcow2File &file_;
    const Qcow2Header &header_;
    ClusterUsage usage_;
    Tables tables_; // of the tag that usage_ is of
};

} // namespace xlsnap
