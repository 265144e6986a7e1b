// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace xlsnap {

// QEMU keeps a snapshot's name in 256 bytes with its terminating NUL and cuts longer ones silently
// (QEMUSnapshotInfo in include/block/snapshot.h).
inline constexpr std::size_t kMaxTagBytes = 255;

// All-digit names shorter than this are refused. qcow2 numbers its snapshots 1, 2, 3 …, and
// `qemu-img snapshot -a` looks for ids before names (find_snapshot_by_id_or_name in
// block/qcow2-snapshot.c), so "12" could come to mean another snapshot. Epoch seconds, the names
// that people give by script, have ten digits.
inline constexpr std::size_t kMinDigitTagBytes = 9;

// Whether a caller's name can name a tag; Invalid with the reason otherwise.
[[nodiscard]] Status check_tag_name(std::string_view name);

// The same for a tag about to be made: it must not look like one of ours either.
[[nodiscard]] Status check_new_tag_name(std::string_view name);

// The name under which a revert keeps the present state of the disks while it works.
[[nodiscard]] std::string make_revert_tag(std::string_view unique);

} // namespace xlsnap
