// SPDX-License-Identifier: LGPL-2.1-only
#include "cli/utf8.hpp"

namespace xlsnap::cli {

namespace {

// The bytes that a character has by its first one, and the bits of its code in that.
struct Lead {
    std::size_t bytes;
    char32_t bits;
    char32_t smallest; // what needs fewer bytes is no UTF-8
};

Lead lead_of(unsigned char byte) {
    if (byte < 0x80)
        return {1, byte, 0};
    if ((byte & 0xe0) == 0xc0)
        return {2, byte & 0x1fU, 0x80};
    if ((byte & 0xf0) == 0xe0)
        return {3, byte & 0x0fU, 0x800};
    if ((byte & 0xf8) == 0xf0)
        return {4, byte & 0x07U, 0x10000};
    return {0, 0, 0};
}

} // namespace

Character first_character(std::string_view text) {
    const Lead lead = lead_of(static_cast<unsigned char>(text.front()));
    if (lead.bytes == 0 || lead.bytes > text.size())
        return {};
    char32_t code = lead.bits;
    for (const char next : text.substr(1, lead.bytes - 1)) {
        const auto byte = static_cast<unsigned char>(next);
        if ((byte & 0xc0) != 0x80)
            return {};
        code = (code << 6) | (byte & 0x3fU);
    }
    const bool is_surrogate = code >= 0xd800 && code <= 0xdfff;
    if (code < lead.smallest || is_surrogate || code > 0x10ffff)
        return {};
    return {code, lead.bytes, true};
}

} // namespace xlsnap::cli
