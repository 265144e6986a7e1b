// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace xlsnap {

inline constexpr std::string_view kRecordPrefix = "snapshotdata-";
inline constexpr std::string_view kRecordSuffix = ".xl";

// The name of the file that holds the record of the snapshot `name`. Bytes of ASCII other than
// letters, digits and "._+=@,:~-" become %XX; where that makes more than 240 bytes, only a '%' that
// could be taken for the beginning of a %XX does. Two names never share a file name, and that of a
// name that check_snapshot_name() takes fits NAME_MAX.
[[nodiscard]] std::string record_file_name(std::string_view name);

// The name of the snapshot; nothing when record_file_name() gives no name this file name, or one
// that check_snapshot_name() does not take: whoever can put files there could hide or disguise a
// record.
[[nodiscard]] std::optional<std::string> snapshot_of_file_name(std::string_view file_name);

} // namespace xlsnap
