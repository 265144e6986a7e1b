// SPDX-License-Identifier: LGPL-2.1-only
#include "integration/model/disk_content.hpp"

#include <algorithm>
#include <cstring>
#include <fstream>

#include <fmt/format.h>

namespace xlsnap::test {

namespace {

std::string read_raw_file(const std::string &path) {
    std::ifstream file(path, std::ios::binary | std::ios::ate);
    std::string bytes(static_cast<std::size_t>(file.tellg()), '\0');
    file.seekg(0).read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    return bytes;
}

// Tests are not optimized, memcmp() is.
bool is_filled_with(const std::string &bytes, std::size_t unit, std::uint8_t byte) {
    const char *first = bytes.data() + unit * DiskContent::kUnitBytes;
    return static_cast<std::uint8_t>(*first) == byte &&
           std::memcmp(first, first + 1, DiskContent::kUnitBytes - 1) == 0;
}

} // namespace

void DiskContent::fill(UnitRange range, std::uint8_t byte) {
    std::fill_n(units_.begin() + static_cast<std::ptrdiff_t>(range.first), range.count, byte);
}

void DiskContent::take_discard(UnitRange range, const std::string &raw_file) {
    const std::string there = read_raw_file(raw_file);
    if (there.size() != bytes())
        return; // difference_from() tells
    for (std::size_t unit = range.first; unit < range.first + range.count; ++unit)
        if (is_filled_with(there, unit, 0))
            units_[unit] = 0;
}

std::string DiskContent::difference_from(const std::string &raw_file, SizeOf size) const {
    const std::string there = read_raw_file(raw_file);
    if (size == SizeOf::Disk && there.size() != bytes())
        return fmt::format("{} bytes instead of {}", there.size(), bytes());
    const std::size_t units = std::min<std::size_t>(units_.size(), there.size() / kUnitBytes);
    for (std::size_t unit = 0; unit < units; ++unit)
        if (!is_filled_with(there, unit, units_[unit]))
            return fmt::format("unit {} of 4 KiB begins with {:#04x} and is not filled with "
                               "{:#04x}",
                               unit, static_cast<std::uint8_t>(there[unit * kUnitBytes]),
                               units_[unit]);
    return {};
}

} // namespace xlsnap::test
