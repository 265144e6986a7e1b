// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstdint>
#include <string>

#include "adapters/qemu/qcow2_header.hpp"

namespace xlsnap {

// The L1 table of a tag.
struct Qcow2Tag {
    std::uint64_t l1_offset = 0;
    std::uint32_t l1_entries = 0;
};

// Looks through the snapshot table. NotFound and Invalid as find_only_tag has them.
[[nodiscard]] Result<Qcow2Tag> find_qcow2_tag(const Qcow2File &file, const Qcow2Header &header,
                                              const std::string &name);

} // namespace xlsnap
