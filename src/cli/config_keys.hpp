// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace xlsnap::cli {

struct KeyPlace {
    std::string key;
    std::size_t line = 0;
    bool adds = false; // by "+="
};

// Where the keys stand in a text that libxlutil took: it has no function that lists them. Throws
// std::runtime_error for a number behind a backslash in a string, which libxlutil drops.
[[nodiscard]] std::vector<KeyPlace> keys_of(const std::string &file_name, std::string_view text);

} // namespace xlsnap::cli
