// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace xlsnap {

inline constexpr std::size_t kMaxSnapshotNameBytes = 100;

// Whether a catalogued snapshot can have this name: 1 to 100 bytes of well-formed UTF-8, of which
// each character is seen as itself (no control characters, see is_control; nothing that
// is_invisible), without '/', not "." or "..", not beginning with '-'. Invalid with the reason
// otherwise; the message shows a name only when a terminal can bear it.
[[nodiscard]] Status check_snapshot_name(std::string_view name);

// The name of a snapshot that was given none: the seconds since the epoch, or the next number that
// is not `taken`. Names of broken records are taken too.
[[nodiscard]] std::string free_snapshot_name(std::uint64_t now_seconds,
                                             const std::vector<std::string_view> &taken);

// The tag inside the images of the catalogued snapshot with this id (SnapshotRecord::id). It holds
// nothing of the user's text, so a rename touches no image; its letters keep qemu-img from taking
// it for a number of qcow2, and with 16 hexadecimal digits behind them it is never the tag of a
// revert (make_revert_tag).
[[nodiscard]] std::string snapshot_tag(std::string_view id);

} // namespace xlsnap
