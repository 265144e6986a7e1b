// SPDX-License-Identifier: LGPL-2.1-only
#include "base/utf8.hpp"

#include <algorithm>
#include <array>

namespace xlsnap {

namespace {

struct Range {
    char32_t first;
    char32_t last;
};

constexpr std::array kInvisible = {
    Range{0x00ad, 0x00ad},   Range{0x034f, 0x034f},   Range{0x061c, 0x061c},
    Range{0x115f, 0x1160},   Range{0x17b4, 0x17b5},   Range{0x180b, 0x180f},
    Range{0x200b, 0x200f},   Range{0x2028, 0x202e},   Range{0x2060, 0x206f},
    Range{0x3164, 0x3164},   Range{0xfdd0, 0xfdef},   Range{0xfe00, 0xfe0f},
    Range{0xfeff, 0xfeff},   Range{0xffa0, 0xffa0},   Range{0xfff0, 0xfffb},
    Range{0x1bca0, 0x1bca3}, Range{0x1d173, 0x1d17a}, Range{0xe0000, 0xe0fff},
};

// What the lead byte of a sequence says of it: its length, the bits of its own, and between which
// the second byte must lie. Every further byte lies between 0x80 and 0xbf.
struct Lead {
    std::size_t bytes;
    char32_t bits;
    unsigned char low = 0x80;
    unsigned char high = 0xbf;
};

Lead read_lead(unsigned char byte) {
    if (byte < 0x80)
        return {1, byte};
    if (byte >= 0xc2 && byte <= 0xdf)
        return {2, byte & 0x1fU};
    if (byte >= 0xe0 && byte <= 0xef)
        return {3, byte & 0x0fU, static_cast<unsigned char>(byte == 0xe0 ? 0xa0 : 0x80),
                static_cast<unsigned char>(byte == 0xed ? 0x9f : 0xbf)};
    if (byte >= 0xf0 && byte <= 0xf4)
        return {4, byte & 0x07U, static_cast<unsigned char>(byte == 0xf0 ? 0x90 : 0x80),
                static_cast<unsigned char>(byte == 0xf4 ? 0x8f : 0xbf)};
    return {0, 0};
}

} // namespace

CodePoint first_code_point(std::string_view text) {
    const Lead lead = read_lead(static_cast<unsigned char>(text.front()));
    if (lead.bytes == 0 || text.size() < lead.bytes)
        return {};
    CodePoint point{lead.bits, lead.bytes};
    for (std::size_t i = 1; i < lead.bytes; ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte < (i == 1 ? lead.low : 0x80) || byte > (i == 1 ? lead.high : 0xbf))
            return {};
        point.value = point.value << 6U | (byte & 0x3fU);
    }
    return point;
}

bool is_utf8(std::string_view text) {
    for (;;) {
        // Most texts are ASCII.
        while (!text.empty() && static_cast<unsigned char>(text.front()) < 0x80)
            text.remove_prefix(1);
        if (text.empty())
            return true;
        const std::size_t bytes = first_code_point(text).bytes;
        if (bytes == 0)
            return false;
        text.remove_prefix(bytes);
    }
}

bool is_control(char32_t value) {
    return value < 0x20 || (value >= 0x7f && value < 0xa0);
}

bool is_invisible(char32_t value) {
    const bool is_noncharacter = (value & 0xfffeU) == 0xfffeU;
    return is_noncharacter || std::ranges::any_of(kInvisible, [&](const Range &range) {
               return value >= range.first && value <= range.last;
           });
}

} // namespace xlsnap
