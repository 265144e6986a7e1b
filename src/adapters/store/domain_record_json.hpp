// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "core/snapshot_record.hpp"

namespace xlsnap {

// A domain's record as the text of its file, and back (docs/catalog-format.md). What could not be
// read back is not written: Invalid.
[[nodiscard]] Result<std::string> encode_domain(const DomainRecord &domain);

// Invalid, or NotImplemented for a newer version; the message says what is wrong with "the record".
[[nodiscard]] Result<DomainRecord> decode_domain(std::string_view text);

} // namespace xlsnap
