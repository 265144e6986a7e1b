// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "adapters/qemu/qcow2_header.hpp"

namespace xlsnap {

// A tag and its L1 table.
struct Qcow2Tag {
    std::string name = {};
    std::uint64_t l1_offset = 0;
    std::uint32_t l1_entries = 0;
    std::string id = {};
    std::uint64_t virtual_bytes = 0; // of the disk then; 0: not told, it had today's
};

// The snapshot table.
[[nodiscard]] Result<std::vector<Qcow2Tag>> read_qcow2_tags(const Qcow2File &file,
                                                            const Qcow2Header &header);

// NotFound and Invalid as find_only_tag has them.
[[nodiscard]] Result<Qcow2Tag> find_qcow2_tag(std::span<const Qcow2Tag> tags,
                                              const std::string &name);

} // namespace xlsnap
