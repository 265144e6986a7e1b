// SPDX-License-Identifier: LGPL-2.1-only
//
// The format qcow2 as docs/interop/qcow2.txt of qemu.git describes it; its sections are named where
// they are followed. Limits are those of QEMU (block/qcow2.h), which opens nothing beyond them.
#pragma once

#include <cstdint>
#include <string_view>

#include "adapters/qemu/qcow2_file.hpp"

namespace xlsnap {

constexpr std::uint32_t kQcow2Magic = 0x5146'49fb; // "QFI\xfb"

// What the section "Header" says of where things lie.
struct Qcow2Header {
    unsigned cluster_bits = 0;   // 9 to 21
    unsigned refcount_order = 0; // a refcount has 1 << refcount_order bits, 1 to 64
    bool has_extended_l2 = false;
    std::uint64_t refcount_table_offset = 0;
    std::uint64_t refcount_table_entries = 0;
    std::uint64_t snapshots_offset = 0;
    std::uint32_t snapshots = 0;
    std::uint64_t virtual_bytes = 0;
    std::uint64_t backing_name_offset = 0; // 0: it stands on nothing
    std::uint32_t backing_name_length = 0;
    std::uint32_t header_length = 0; // the extensions begin behind it

    [[nodiscard]] std::uint64_t cluster_size() const { return std::uint64_t{1} << cluster_bits; }
};

// Fail when this is no qcow2 image; NotImplemented when its data lie in another file, or it needs
// what this code does not know; Invalid when it cannot be right.
[[nodiscard]] Result<Qcow2Header> read_qcow2_header(const Qcow2File &file);

// Tables and data begin at the boundary of a cluster.
[[nodiscard]] Status expect_aligned(const Qcow2Header &header, std::uint64_t offset,
                                    std::string_view what);

} // namespace xlsnap
