// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "core/snapshot_record.hpp"

namespace xlsnap {

// A record as the text of its file, and back (docs/catalog-format.md). The name is no part of it:
// the file's name tells it. What could not be read back is not written: Invalid.
[[nodiscard]] Result<std::string> encode_snapshot(const SnapshotRecord &record);

// Invalid, or NotImplemented for a newer version; the message says what is wrong with "the record".
[[nodiscard]] Result<SnapshotRecord> decode_snapshot(std::string_view text, std::string name);

} // namespace xlsnap
