// SPDX-License-Identifier: LGPL-2.1-only
#include "cli/units.hpp"

#include <array>
#include <charconv>
#include <ctime>
#include <limits>
#include <stdexcept>

#include <fmt/format.h>

#include "cli/screen.hpp"

namespace xlsnap::cli {

namespace {

constexpr std::array kSizeUnits = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

std::uint64_t seconds_of(char unit) {
    switch (unit) {
    case 's':
        return 1;
    case 'm':
        return 60;
    case 'h':
        return 3600;
    case 'd':
        return 86400;
    case 'w':
        return 604800;
    default:
        return 0;
    }
}

// One that <ctime> can tell in four digits of a year.
bool broken_down(std::uint64_t seconds, std::tm *(*convert)(const std::time_t *, std::tm *),
                 std::tm &time) {
    constexpr int last_year = 9999 - 1900;
    if (seconds > static_cast<std::uint64_t>(std::numeric_limits<std::time_t>::max()))
        return false;
    const auto number = static_cast<std::time_t>(seconds);
    return convert(&number, &time) != nullptr && time.tm_year <= last_year;
}

std::string day_of(const std::tm &time) {
    return fmt::format("{:04}-{:02}-{:02}", time.tm_year + 1900, time.tm_mon + 1, time.tm_mday);
}

std::string hour_of(const std::tm &time) {
    return fmt::format("{:02}:{:02}:{:02}", time.tm_hour, time.tm_min, time.tm_sec);
}

} // namespace

std::string size_text(std::uint64_t bytes) {
    std::size_t unit = 0;
    std::uint64_t whole = bytes;
    std::uint64_t rest = 0; // of 1024
    while (whole >= 1024) {
        rest = whole % 1024;
        whole /= 1024;
        ++unit;
    }
    const std::uint64_t tenths = rest * 10 / 1024;
    if (whole < 10 && tenths > 0)
        return fmt::format("{}.{} {}", whole, tenths, kSizeUnits.at(unit));
    return fmt::format("{} {}", whole, kSizeUnits.at(unit));
}

std::string local_time(std::uint64_t seconds) {
    std::tm time{};
    if (!broken_down(seconds, ::localtime_r, time))
        return fmt::format("@{}", seconds);
    return day_of(time) + " " + hour_of(time);
}

std::string utc_time(std::uint64_t seconds) {
    std::tm time{};
    if (!broken_down(seconds, ::gmtime_r, time))
        return fmt::format("@{}", seconds);
    return day_of(time) + "T" + hour_of(time) + "Z";
}

std::string clock_text(std::uint64_t seconds) {
    if (seconds < 3600)
        return fmt::format("{}:{:02}", seconds / 60, seconds % 60);
    return fmt::format("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

std::uint64_t duration_seconds(std::string_view text) {
    std::uint64_t number = 0;
    const char *end = text.data() + text.size();
    const auto [unit, error] = std::from_chars(text.data(), end, number);
    const std::uint64_t factor = unit + 1 == end ? seconds_of(*unit) : 0;
    if (error == std::errc::invalid_argument || factor == 0)
        throw std::runtime_error(fmt::format(
            "\"{}\" is no duration: say a number and a unit, such as 90m, 12h, 30d or 2w",
            printable(text, {})));
    if (error == std::errc::result_out_of_range ||
        number > std::numeric_limits<std::uint64_t>::max() / factor)
        throw std::runtime_error(fmt::format("the duration {} is too long", printable(text, {})));
    return number * factor;
}

} // namespace xlsnap::cli
