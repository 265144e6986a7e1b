// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/store/record_fields.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace xlsnap {

RecordFields::RecordFields(const Json &object, std::string place)
    : object_(object), place_(std::move(place)) {
    if (object.as_object() == nullptr)
        refuse({}, "is no object");
}

std::string RecordFields::text(std::string_view key, const TextShape &shape) {
    const Json *member = required(key);
    return member == nullptr ? std::string() : text_of(*member, key, shape);
}

std::string RecordFields::optional_text(std::string_view key, const TextShape &shape) {
    return has(key) ? text(key, shape) : std::string();
}

std::uint64_t RecordFields::number(std::string_view key, std::uint64_t most) {
    const Json *member = required(key);
    return member == nullptr ? 0 : number_of(*member, key, most);
}

std::optional<std::uint64_t> RecordFields::optional_number(std::string_view key) {
    return has(key) ? std::optional(number(key)) : std::nullopt;
}

std::uint64_t RecordFields::number_in_text(std::string_view key) {
    const std::string digits = text(key, kSomeText);
    std::uint64_t value = 0;
    const char *end = digits.data() + digits.size();
    const auto parsed = std::from_chars(digits.data(), end, value);
    if (parsed.ec != std::errc() || parsed.ptr != end)
        refuse(key, "is not a number in a text");
    return value;
}

bool RecordFields::flag(std::string_view key) {
    const Json *member = required(key);
    if (member == nullptr)
        return false;
    if (member->as_bool() == nullptr) {
        refuse(key, "is neither true nor false");
        return false;
    }
    return *member->as_bool();
}

std::size_t RecordFields::word(std::string_view key, const std::vector<std::string_view> &words) {
    const auto found = std::find(words.begin(), words.end(), text(key, kSomeText));
    if (found != words.end())
        return static_cast<std::size_t>(found - words.begin());
    refuse(key, fmt::format("is none of {}", fmt::join(words, ", ")));
    return 0;
}

std::optional<RecordFields> RecordFields::optional_object(std::string_view key) {
    const Json *member = object_.find(key);
    return member == nullptr ? std::nullopt : std::optional<RecordFields>({*member, name_of(key)});
}

void RecordFields::refuse(std::string_view key, std::string_view why) {
    if (status_)
        status_ = fail(ErrorCode::Invalid, fmt::format("{} {}", name_of(key), why));
}

void RecordFields::adopt(const RecordFields &inner) {
    if (status_)
        status_ = inner.status_;
}

const Json *RecordFields::required(std::string_view key) {
    const Json *member = object_.find(key);
    if (member == nullptr)
        refuse(key, "is missing");
    return member;
}

std::string RecordFields::text_of(const Json &member, std::string_view key,
                                  const TextShape &shape) {
    const std::string *text = member.as_string();
    if (text != nullptr && shape.fits(*text))
        return *text;
    refuse(key, fmt::format("is not {}", shape.name));
    return {};
}

std::uint64_t RecordFields::number_of(const Json &member, std::string_view key,
                                      std::uint64_t most) {
    const std::int64_t *number = member.as_integer();
    if (number != nullptr && *number >= 0 && static_cast<std::uint64_t>(*number) <= most)
        return static_cast<std::uint64_t>(*number);
    refuse(key, fmt::format("is not a whole number from 0 to {}", most));
    return 0;
}

std::string RecordFields::name_of(std::string_view key) const {
    if (key.empty())
        return place_.empty() ? "the record" : fmt::format("the record's {}", place_);
    return place_.empty() ? std::string(key) : fmt::format("{}.{}", place_, key);
}

} // namespace xlsnap
