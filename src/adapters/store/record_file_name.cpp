// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/store/record_file_name.hpp"

#include <fmt/format.h>

#include "core/snapshot_name.hpp"

namespace xlsnap {

namespace {

constexpr std::size_t kMostBytesOfFileName = 240;

bool is_ascii_alphanumeric(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

bool stands_for_itself(char c) {
    constexpr std::string_view plain = "._+=@,:~-";
    return is_ascii_alphanumeric(c) || (static_cast<unsigned char>(c) & 0x80U) != 0 ||
           plain.find(c) != std::string_view::npos;
}

std::optional<unsigned> hex_digit(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return std::nullopt;
}

// The byte for which "%XX" at the front of the text stands.
std::optional<char> escaped_byte(std::string_view text) {
    if (text.size() < 3 || text[0] != '%')
        return std::nullopt;
    const auto high = hex_digit(text[1]);
    const auto low = hex_digit(text[2]);
    return high && low ? std::optional(static_cast<char>(*high << 4U | *low)) : std::nullopt;
}

std::string encoded(std::string_view name, bool sparingly) {
    std::string text(kRecordPrefix);
    for (std::size_t i = 0; i < name.size(); ++i) {
        const bool plain = sparingly ? !escaped_byte(name.substr(i)) : stands_for_itself(name[i]);
        if (plain)
            text.push_back(name[i]);
        else
            text += fmt::format("%{:02X}", static_cast<unsigned char>(name[i]));
    }
    return text += kRecordSuffix;
}

} // namespace

std::string record_file_name(std::string_view name) {
    std::string file_name = encoded(name, false);
    return file_name.size() <= kMostBytesOfFileName ? file_name : encoded(name, true);
}

std::optional<std::string> snapshot_of_file_name(std::string_view file_name) {
    if (!file_name.starts_with(kRecordPrefix) || !file_name.ends_with(kRecordSuffix) ||
        file_name.size() < kRecordPrefix.size() + kRecordSuffix.size())
        return std::nullopt;
    std::string_view rest = file_name;
    rest.remove_prefix(kRecordPrefix.size());
    rest.remove_suffix(kRecordSuffix.size());
    std::string name;
    while (!rest.empty()) {
        const std::optional<char> byte = escaped_byte(rest);
        name.push_back(byte.value_or(rest.front()));
        rest.remove_prefix(byte ? 3 : 1);
    }
    if (!check_snapshot_name(name) || record_file_name(name) != file_name)
        return std::nullopt;
    return name;
}

} // namespace xlsnap
