// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstdint>
#include <string>

#include "base/result.hpp"
#include "core/domain.hpp"

namespace xlsnap {

// The file that `qemu-img create -f qcow2 -u -b BASE -F FORMAT` makes of this size, byte for byte:
// all of an image that nothing was written to yet. Invalid when the path of the base is longer, or
// the size larger, than QEMU has them.
[[nodiscard]] Result<std::string> empty_overlay(const std::string &base, DiskFormat base_format,
                                                std::uint64_t virtual_bytes);

} // namespace xlsnap
