// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstddef>
#include <string_view>

namespace xlsnap {

struct CodePoint {
    char32_t value = 0;
    std::size_t bytes = 0; // 0: what stood there is no well-formed UTF-8
};

// The code point at the front of `text`, which is not empty. Unicode 15, table 3-7: no overlong
// forms, no surrogates, nothing above U+10FFFF.
[[nodiscard]] CodePoint first_code_point(std::string_view text);

[[nodiscard]] bool is_utf8(std::string_view text);

// C0, DEL and C1: a terminal obeys them all.
[[nodiscard]] bool is_control(char32_t value);

// What a reader does not see, or what changes the order of what he sees:
// Default_Ignorable_Code_Point of Unicode 15 (soft hyphen, joiners, marks of direction, fillers,
// variation selectors, tags), line and paragraph separators, interlinear annotation and
// noncharacters. Two names that differ in these look alike.
[[nodiscard]] bool is_invisible(char32_t value);

} // namespace xlsnap
