// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/store/record_shapes.hpp"

#include <climits>

#include "base/digest.hpp"
#include "core/tag_name.hpp"

namespace xlsnap {

namespace {

constexpr std::string_view kSmallHexDigits = "0123456789abcdef";
constexpr std::size_t kSnapshotIdDigits = 16;

bool is_text(std::string_view text) {
    return text.find('\0') == std::string_view::npos;
}

bool is_some_text(std::string_view text) {
    return !text.empty() && is_text(text);
}

bool is_snapshot_id(std::string_view text) {
    return text.size() == kSnapshotIdDigits &&
           text.find_first_not_of(kSmallHexDigits) == std::string_view::npos;
}

bool is_absolute_path(std::string_view text) {
    return text.starts_with('/') && text.size() < PATH_MAX && is_text(text);
}

bool is_tag(std::string_view text) {
    return check_tag_name(text).has_value();
}

} // namespace

bool is_uuid(std::string_view text) {
    constexpr std::string_view pattern = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    if (text.size() != pattern.size())
        return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool fits = pattern[i] == '-'
                              ? text[i] == '-'
                              : kSmallHexDigits.find(text[i]) != std::string_view::npos;
        if (!fits)
            return false;
    }
    return true;
}

const TextShape kAnyText{is_text, "a text without a NUL"};
const TextShape kSomeText{is_some_text, "a text without a NUL that is not empty"};
const TextShape kSnapshotId{is_snapshot_id, "an id of 16 hexadecimal digits"};
const TextShape kUuid{is_uuid, "a uuid in small letters"};
const TextShape kDigest{is_sha256, "a digest of 64 hexadecimal digits"};
const TextShape kAbsolutePath{is_absolute_path, "an absolute path"};
const TextShape kTag{is_tag, "a name that a tag can have"};

} // namespace xlsnap
