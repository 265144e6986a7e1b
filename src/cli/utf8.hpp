// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstddef>
#include <string_view>

namespace xlsnap::cli {

// The first character of a text that is not empty.
struct Character {
    char32_t code = 0;
    std::size_t bytes = 1;
    bool valid = false; // false: its first byte begins no UTF-8
};

[[nodiscard]] Character first_character(std::string_view text);

} // namespace xlsnap::cli
