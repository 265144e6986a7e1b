// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace xlsnap {

// Decimal digits and nothing else.
[[nodiscard]] inline std::optional<std::uint64_t> parse_number(std::string_view text) {
    std::uint64_t number = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failed != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return number;
}

} // namespace xlsnap
