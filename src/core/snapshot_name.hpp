// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace xlsnap {

inline constexpr std::size_t kMaxSnapshotNameBytes = 100;

// Whether a catalogued snapshot can have this name: 1 to 100 bytes of well-formed UTF-8, of which
// each character is seen as itself (no control characters, see is_control; nothing that
// is_invisible), without '/', not "." or "..", not beginning with '-'. Invalid with the reason
// otherwise; the message shows a name only when a terminal can bear it.
[[nodiscard]] Status check_snapshot_name(std::string_view name);

// The name of a snapshot that was given none is the seconds since the epoch, or the next number
// that is free. This is the first to try. Of many snapshots in a few seconds the current one has a
// number ahead of the time, and those up to it are taken: then it is the one behind that.
[[nodiscard]] std::uint64_t first_number_for_name(std::uint64_t now_seconds,
                                                  std::string_view current_name);

// So many are tried, and so far ahead of the time is a number that was reached in this way: a day.
inline constexpr std::uint64_t kMostNumbersForName = 86400;

// The tag inside the images of the catalogued snapshot with this id (SnapshotRecord::id). It holds
// nothing of the user's text, so a rename touches no image; its letters keep qemu-img from taking
// it for a number of qcow2, and with 16 hexadecimal digits behind them it is never the tag of a
// revert (make_revert_tag).
[[nodiscard]] std::string snapshot_tag(std::string_view id);

} // namespace xlsnap
