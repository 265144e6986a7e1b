// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstddef>
#include <string_view>

namespace xlsnap {

// A whole document; real ones have some kilobytes.
inline constexpr std::size_t kMaxXmlBytes = std::size_t{4} << 20;
// A name, a path, a number in it.
inline constexpr std::size_t kMaxXmlValue = 4096;
// Disks in it; each is compared with the others.
inline constexpr std::size_t kMaxXmlDisks = 1024;

// libxml2 has unsigned characters.
[[nodiscard]] inline const unsigned char *as_xml(const char *text) {
    return reinterpret_cast<const unsigned char *>(text);
}

[[nodiscard]] inline const char *as_chars(const unsigned char *text) {
    return reinterpret_cast<const char *>(text);
}

// UTF-8, of characters that XML 1.0 can hold, escaped or not.
[[nodiscard]] bool is_xml_text(std::string_view text);

} // namespace xlsnap
