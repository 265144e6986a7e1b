// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.hpp"

namespace xlsnap {

// One JSON value. The only code of ours that talks to yajl is json.cpp (and the runtime of the
// generated C types), because Xen 4.21 goes from yajl to json-c.
class Json {
  public:
    using Array = std::vector<Json>;
    using Object = std::map<std::string, Json, std::less<>>;
    using Value =
        std::variant<std::nullptr_t, bool, std::int64_t, double, std::string, Array, Object>;

    Json() : value_(nullptr) {}
    Json(bool value) : value_(value) {}
    Json(std::int64_t value) : value_(value) {}
    Json(double value) : value_(value) {}
    Json(const char *value) : value_(std::string(value)) {}
    Json(std::string_view value) : value_(std::string(value)) {}
    Json(std::string value) : value_(std::move(value)) {}
    Json(Array value) : value_(std::move(value)) {}
    Json(Object value) : value_(std::move(value)) {}

    // nullptr when the value is of another type: a caller that reads foreign JSON must look.
    [[nodiscard]] const bool *as_bool() const { return std::get_if<bool>(&value_); }
    [[nodiscard]] const std::int64_t *as_integer() const {
        return std::get_if<std::int64_t>(&value_);
    }
    [[nodiscard]] const std::string *as_string() const { return std::get_if<std::string>(&value_); }
    [[nodiscard]] const Array *as_array() const { return std::get_if<Array>(&value_); }
    [[nodiscard]] const Object *as_object() const { return std::get_if<Object>(&value_); }
    [[nodiscard]] const Value &value() const { return value_; }

    // Member of an object; nullptr when this is no object or has no such member.
    [[nodiscard]] const Json *find(std::string_view key) const;
    // Member that must be a string; nullptr otherwise.
    [[nodiscard]] const std::string *find_string(std::string_view key) const;

    // One line, no trailing newline; object members in key order.
    [[nodiscard]] std::string to_text() const;

  private:
    Value value_;
};

struct JsonLimits {
    std::size_t max_bytes = std::size_t{16} << 20;
    std::size_t max_depth = 64;
};

// Parses exactly one value (white space around it is allowed). Refuses, with
// ErrorCode::Invalid: more than limits allow, a duplicate key, a number outside int64/double,
// text that is not UTF-8, anything after the value.
[[nodiscard]] Result<Json> parse_json(std::string_view text, JsonLimits limits = {});

// Whether the text is exactly one JSON value (white space around it is allowed), whatever its keys
// and however large its numbers. Invalid when not, or when it is longer than `max_bytes`.
[[nodiscard]] Status check_json(std::string_view text, std::size_t max_bytes);

} // namespace xlsnap
