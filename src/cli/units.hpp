// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace xlsnap::cli {

// "17 B", "1.5 KiB", "512 MiB": binary units, with a decimal below 10 of them unless it is zero.
[[nodiscard]] std::string size_text(std::uint64_t bytes);

// Seconds since the epoch as "YYYY-MM-DD HH:MM:SS" where we are, and as ISO 8601 in UTC,
// "YYYY-MM-DDTHH:MM:SSZ". A time beyond the year 9999 is "@SECONDS", as date(1) takes it.
[[nodiscard]] std::string local_time(std::uint64_t seconds);
[[nodiscard]] std::string utc_time(std::uint64_t seconds);

// "2:05" or "1:02:05".
[[nodiscard]] std::string clock_text(std::uint64_t seconds);

// The seconds of "90m", "12h", "30d" or "2w", also of "45s". Throws std::runtime_error, saying what
// is allowed, for anything else and for more than 64 bits hold.
[[nodiscard]] std::uint64_t duration_seconds(std::string_view text);

} // namespace xlsnap::cli
