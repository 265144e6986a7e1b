// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace xlsnap {

inline constexpr std::size_t kMaxRecordBytes = std::size_t{4} << 20;

// What a file of the catalog is around its value (docs/catalog-format.md):
// {"xlsnap":1,"sha256":"<of the value's bytes>","<kind>":<value>} and a newline.
[[nodiscard]] Result<std::string> seal_record(std::string_view kind, std::string_view value);

// The value, which lies in `text`, when its checksum fits. Invalid otherwise, NotImplemented for a
// newer version; the message says what is wrong with "the record".
[[nodiscard]] Result<std::string_view> unseal_record(std::string_view kind, std::string_view text);

} // namespace xlsnap
