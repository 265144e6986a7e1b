// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstdint>
#include <string_view>

namespace xlsnap {

// What a text of a record must be, and what to call that in a message.
struct TextShape {
    bool (*fits)(std::string_view text);
    std::string_view name;
};

// The last second of the year 9999: what is later is no time, and makes those who print it fail.
inline constexpr std::uint64_t kLatestTime = 253402300799;

// A uuid in small letters, with dashes: one that may become part of a path.
[[nodiscard]] bool is_uuid(std::string_view text);

extern const TextShape kAnyText;      // without a NUL
extern const TextShape kSomeText;     // the same, not empty
extern const TextShape kSnapshotId;   // 16 hexadecimal digits
extern const TextShape kUuid;         // see is_uuid()
extern const TextShape kDigest;       // of SHA-256
extern const TextShape kAbsolutePath; // of PATH_MAX bytes at most
extern const TextShape kTag;          // see core/tag_name.hpp

} // namespace xlsnap
