// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/store/record_envelope.hpp"

#include <charconv>

#include <fmt/format.h>

#include "base/digest.hpp"

namespace xlsnap {

namespace {

constexpr unsigned kFormatVersion = 1;
constexpr std::string_view kVersionMember = R"({"xlsnap":)";
constexpr std::string_view kEndOfRecord = "}\n";

tl::unexpected<Error> damaged() {
    return fail(ErrorCode::Invalid, "the record is damaged, or no record at all");
}

bool take_front(std::string_view &text, std::string_view expected) {
    if (!text.starts_with(expected))
        return false;
    text.remove_prefix(expected.size());
    return true;
}

// Of a newer version nothing is known but where it says so.
Status take_version(std::string_view &text) {
    if (!take_front(text, kVersionMember))
        return damaged();
    unsigned version = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), version);
    if (parsed.ec != std::errc() || version < kFormatVersion || text.front() == '0')
        return damaged();
    if (version > kFormatVersion)
        return fail(ErrorCode::NotImplemented,
                    fmt::format("the record has version {} of the format, this xlsnap knows "
                                "version {}; use a newer xlsnap",
                                version, kFormatVersion));
    text.remove_prefix(static_cast<std::size_t>(parsed.ptr - text.data()));
    return {};
}

} // namespace

Result<std::string> seal_record(std::string_view kind, std::string_view value) {
    XLSNAP_ASSIGN(const std::string digest, sha256_of(value));
    std::string text = fmt::format(R"({}{},"sha256":"{}","{}":{}{})", kVersionMember,
                                   kFormatVersion, digest, kind, value, kEndOfRecord);
    if (text.size() > kMaxRecordBytes)
        return fail(ErrorCode::Invalid, fmt::format("the record has {} bytes; at most {} are kept",
                                                    text.size(), kMaxRecordBytes));
    return text;
}

Result<std::string_view> unseal_record(std::string_view kind, std::string_view text) {
    if (text.size() > kMaxRecordBytes)
        return fail(ErrorCode::Invalid, fmt::format("the record has more than {} bytes, which no "
                                                    "xlsnap writes",
                                                    kMaxRecordBytes));
    XLSNAP_TRY(take_version(text));
    if (!take_front(text, R"(,"sha256":")") || text.size() < kSha256Digits)
        return damaged();
    const std::string_view digest = text.substr(0, kSha256Digits);
    text.remove_prefix(kSha256Digits);
    if (!take_front(text, R"(",")") || !take_front(text, kind) || !take_front(text, R"(":)") ||
        !text.ends_with(kEndOfRecord))
        return damaged();
    text.remove_suffix(kEndOfRecord.size());
    XLSNAP_ASSIGN(const std::string found, sha256_of(text));
    if (found != digest)
        return fail(ErrorCode::Invalid, "the record is damaged: its checksum does not fit");
    return text;
}

} // namespace xlsnap
