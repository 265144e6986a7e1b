// SPDX-License-Identifier: LGPL-2.1-only
#include "core/snapshot_name.hpp"

#include <charconv>

#include <fmt/format.h>

#include "base/utf8.hpp"

namespace xlsnap {

namespace {

tl::unexpected<Error> choose_another(std::string_view fault) {
    return fail(ErrorCode::Invalid, fmt::format("the snapshot name {}; choose another one", fault));
}

// Each character of it is seen as itself.
Status check_visible(std::string_view name) {
    while (!name.empty()) {
        const CodePoint point = first_code_point(name);
        if (point.bytes == 0)
            return choose_another("is not valid UTF-8");
        if (is_control(point.value))
            return choose_another("holds a control character");
        if (is_invisible(point.value))
            return choose_another(fmt::format("holds U+{:04X}, which cannot be seen",
                                              static_cast<std::uint32_t>(point.value)));
        name.remove_prefix(point.bytes);
    }
    return {};
}

} // namespace

Status check_snapshot_name(std::string_view name) {
    if (name.empty())
        return fail(ErrorCode::Invalid, "the snapshot name is empty; give one");
    if (name.size() > kMaxSnapshotNameBytes)
        return fail(ErrorCode::Invalid,
                    fmt::format("the snapshot name has {} bytes; choose one of at most {}",
                                name.size(), kMaxSnapshotNameBytes));
    XLSNAP_TRY(check_visible(name));
    if (name.find('/') != std::string_view::npos)
        return choose_another(fmt::format("'{}' holds a '/'", name));
    if (name == "." || name == "..")
        return choose_another(fmt::format("'{}' is that of a directory", name));
    if (name.front() == '-')
        return choose_another(fmt::format("'{}' begins with '-'", name));
    return {};
}

std::uint64_t first_number_for_name(std::uint64_t now_seconds, std::string_view current_name) {
    std::uint64_t number = 0;
    const char *end = current_name.data() + current_name.size();
    const auto parsed = std::from_chars(current_name.data(), end, number);
    const bool is_reached = parsed.ec == std::errc() && parsed.ptr == end &&
                            number >= now_seconds && number - now_seconds < kMostNumbersForName;
    return is_reached ? number + 1 : now_seconds;
}

std::string snapshot_tag(std::string_view id) {
    return fmt::format("xlsnap-{}", id);
}

} // namespace xlsnap
