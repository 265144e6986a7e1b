// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/qemu/foreign_text.hpp"

namespace xlsnap {

namespace {

constexpr std::size_t kMaxBytes = 500;

bool is_control(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
}

} // namespace

std::string quote_foreign(std::string_view text) {
    while (!text.empty() && (is_control(text.back()) || text.back() == ' '))
        text.remove_suffix(1);
    std::string quoted(text.substr(0, kMaxBytes));
    for (char &c : quoted) {
        if (is_control(c))
            c = ' ';
    }
    if (text.size() > kMaxBytes)
        quoted += "...";
    return quoted;
}

} // namespace xlsnap
