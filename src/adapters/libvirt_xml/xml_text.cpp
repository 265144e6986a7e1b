// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/libvirt_xml/xml_text.hpp"

#include <array>
#include <optional>

namespace xlsnap {

namespace {

struct Sequence {
    std::size_t bytes;
    char32_t least; // what needs so many bytes; less is an overlong form
    unsigned char first_bits;
};

std::optional<Sequence> sequence_of(unsigned char first) {
    if (first < 0x80)
        return Sequence{1, 0, first};
    if ((first & 0xe0U) == 0xc0)
        return Sequence{2, 0x80, static_cast<unsigned char>(first & 0x1fU)};
    if ((first & 0xf0U) == 0xe0)
        return Sequence{3, 0x800, static_cast<unsigned char>(first & 0x0fU)};
    if ((first & 0xf8U) == 0xf0)
        return Sequence{4, 0x10000, static_cast<unsigned char>(first & 0x07U)};
    return std::nullopt;
}

// Takes the first character off the text.
std::optional<char32_t> take_character(std::string_view &text) {
    const auto sequence = sequence_of(static_cast<unsigned char>(text.front()));
    if (!sequence || text.size() < sequence->bytes)
        return std::nullopt;
    char32_t character = sequence->first_bits;
    for (const char c : text.substr(1, sequence->bytes - 1)) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte & 0xc0U) != 0x80)
            return std::nullopt;
        character = (character << 6U) | (byte & 0x3fU);
    }
    if (character < sequence->least)
        return std::nullopt;
    text.remove_prefix(sequence->bytes);
    return character;
}

// Char in the specification of XML 1.0.
bool is_xml_character(char32_t character) {
    if (character < 0x20)
        return character == '\t' || character == '\n' || character == '\r';
    return character < 0xd800 || (character > 0xdfff && character < 0xfffe) ||
           (character > 0xffff && character <= 0x10ffff);
}

} // namespace

bool is_xml_text(std::string_view text) {
    while (!text.empty()) {
        const auto character = take_character(text);
        if (!character || !is_xml_character(*character))
            return false;
    }
    return true;
}

} // namespace xlsnap
