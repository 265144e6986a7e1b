// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/libvirt_xml/xml_text.hpp"

#include "base/utf8.hpp"

namespace xlsnap {

namespace {

// Char in the specification of XML 1.0, of the characters that UTF-8 has.
bool is_xml_character(char32_t character) {
    if (character < 0x20)
        return character == '\t' || character == '\n' || character == '\r';
    return character != 0xfffe && character != 0xffff;
}

} // namespace

bool is_xml_text(std::string_view text) {
    while (!text.empty()) {
        const CodePoint point = first_code_point(text);
        if (point.bytes == 0 || !is_xml_character(point.value))
            return false;
        text.remove_prefix(point.bytes);
    }
    return true;
}

} // namespace xlsnap
