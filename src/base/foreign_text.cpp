// SPDX-License-Identifier: LGPL-2.1-only
#include "base/foreign_text.hpp"

#include "base/utf8.hpp"

namespace xlsnap {

namespace {

constexpr std::size_t kMaxBytes = 500;

bool is_blank(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte <= 0x20 || byte == 0x7f;
}

} // namespace

std::string quote_foreign(std::string_view text) {
    while (!text.empty() && is_blank(text.back()))
        text.remove_suffix(1);
    std::string quoted;
    while (!text.empty() && quoted.size() < kMaxBytes) {
        const CodePoint point = first_code_point(text);
        const std::size_t bytes = point.bytes == 0 ? 1 : point.bytes;
        if (point.bytes == 0)
            quoted += '?';
        else if (is_control(point.value))
            quoted += ' ';
        else
            quoted += text.substr(0, bytes);
        text.remove_prefix(bytes);
    }
    if (!text.empty())
        quoted += "...";
    return quoted;
}

} // namespace xlsnap
