// SPDX-License-Identifier: LGPL-2.1-only
#include "core/tag_name.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace xlsnap {

namespace {

constexpr std::string_view kRevertPrefix = "xlsnap-revert-";

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// C0, DEL and, in their two bytes, C1: a terminal obeys them all.
bool holds_control(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        const bool c1 =
            byte == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0;
        if (byte < 0x20 || byte == 0x7f || c1)
            return true;
    }
    return false;
}

// Length of the well-formed UTF-8 sequence at the front of `text`; 0 when it is not one
// (Unicode 15, table 3-7: no overlong forms, no surrogates, nothing above U+10FFFF).
std::size_t utf8_sequence(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char lead = byte(0);
    if (lead < 0x80)
        return 1;
    std::size_t length = 0;
    unsigned char low = 0x80;
    unsigned char high = 0xbf;
    if (lead >= 0xc2 && lead <= 0xdf) {
        length = 2;
    } else if (lead >= 0xe0 && lead <= 0xef) {
        length = 3;
        low = lead == 0xe0 ? 0xa0 : low;
        high = lead == 0xed ? 0x9f : high;
    } else if (lead >= 0xf0 && lead <= 0xf4) {
        length = 4;
        low = lead == 0xf0 ? 0x90 : low;
        high = lead == 0xf4 ? 0x8f : high;
    } else {
        return 0;
    }
    if (text.size() < length || byte(1) < low || byte(1) > high)
        return 0;
    for (std::size_t i = 2; i < length; ++i)
        if (byte(i) < 0x80 || byte(i) > 0xbf)
            return 0;
    return length;
}

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const std::size_t length = utf8_sequence(text);
        if (length == 0)
            return false;
        text.remove_prefix(length);
    }
    return true;
}

tl::unexpected<Error> refuse(std::string reason) {
    return fail(ErrorCode::Invalid, std::move(reason));
}

} // namespace

Status check_tag_name(std::string_view name) {
    if (name.empty())
        return refuse("a disk snapshot needs a name; give one");
    if (name.size() > kMaxTagBytes)
        return refuse(fmt::format("the snapshot name has {} bytes; choose one of at most {}",
                                  name.size(), kMaxTagBytes));
    if (!is_utf8(name))
        return refuse("the snapshot name is not valid UTF-8; choose another one");
    if (holds_control(name))
        return refuse("the snapshot name holds a control character; choose another one");
    if (name.find('/') != std::string_view::npos)
        return refuse(fmt::format("the snapshot name '{}' holds a '/'; choose another one", name));
    if (name.front() == '-')
        return refuse(
            fmt::format("the snapshot name '{}' begins with '-'; choose another one", name));
    if (name.size() < kMinDigitTagBytes && std::all_of(name.begin(), name.end(), is_digit))
        return refuse(fmt::format("the snapshot name '{}' could be taken for another snapshot's "
                                  "number; add a letter or use at least {} digits",
                                  name, kMinDigitTagBytes));
    return {};
}

Status check_new_tag_name(std::string_view name) {
    if (name.substr(0, kRevertPrefix.size()) == kRevertPrefix)
        return refuse(fmt::format("snapshot names that begin with '{}' are xlsnap's own; choose "
                                  "another one",
                                  kRevertPrefix));
    return check_tag_name(name);
}

std::string make_revert_tag(std::string_view unique) {
    return fmt::format("{}{}", kRevertPrefix, unique);
}

} // namespace xlsnap
