// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstdint>
#include <string>

#include "adapters/qemu/qcow2_header.hpp"

namespace xlsnap {

constexpr std::uint32_t kMostBackingNameBytes = 1023;

// Types of header extensions.
constexpr std::uint32_t kEndOfExtensions = 0;
constexpr std::uint32_t kBackingFormatExtension = 0xe279'2aca;

// What an image says that it stands on, byte for byte; both empty when it stands on nothing.
struct Qcow2Backing {
    std::string name;
    std::string format; // empty: not recorded, so that QEMU would probe
};

// Invalid when the header cannot be right, or different readers of it would take different formats.
[[nodiscard]] Result<Qcow2Backing> read_qcow2_backing(const Qcow2File &file,
                                                      const Qcow2Header &header);

} // namespace xlsnap
