// SPDX-License-Identifier: LGPL-2.1-only
#include "core/tag_name.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/utf8.hpp"

namespace xlsnap {

namespace {

constexpr std::string_view kRevertPrefix = "xlsnap-revert-";

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool holds_control(std::string_view text) {
    while (!text.empty()) {
        const CodePoint point = first_code_point(text);
        if (is_control(point.value))
            return true;
        text.remove_prefix(point.bytes);
    }
    return false;
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
