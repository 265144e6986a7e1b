// SPDX-License-Identifier: LGPL-2.1-only
#include "core/snapshot_description.hpp"

#include <cstddef>

#include <fmt/format.h>

#include "base/utf8.hpp"

namespace xlsnap {

namespace {

// More than anybody reads, and little enough for a list of thousands.
constexpr std::size_t kMaxDescriptionBytes = 4096;

bool is_forbidden(char32_t value) {
    return is_control(value) && value != U'\n' && value != U'\t';
}

} // namespace

Status check_description(std::string_view text) {
    if (text.size() > kMaxDescriptionBytes)
        return fail(ErrorCode::Invalid,
                    fmt::format("the description has {} bytes; give one of at most {}", text.size(),
                                kMaxDescriptionBytes));
    while (!text.empty()) {
        const CodePoint next = first_code_point(text);
        if (next.bytes == 0)
            return fail(ErrorCode::Invalid, "the description is not UTF-8; give one that is");
        if (is_forbidden(next.value))
            return fail(ErrorCode::Invalid,
                        "the description holds a control character; leave it out");
        text.remove_prefix(next.bytes);
    }
    return {};
}

} // namespace xlsnap
