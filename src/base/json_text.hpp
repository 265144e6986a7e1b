// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"

namespace xlsnap {

// Where a value stands in a text.
struct JsonPlace {
    std::size_t begin = 0;
    std::size_t end = 0;
};

struct JsonMember {
    std::string key;
    JsonPlace value;
};

// Text to put in the place of another.
struct JsonEdit {
    JsonPlace place;
    std::string text;
};

// A JSON text in which some values are to be changed while every other byte stays: the order of
// members, numbers of any size, white space. Json keeps none of these.
class JsonText {
  public:
    // Invalid when the text is not exactly one JSON value, or longer than `max_bytes`.
    [[nodiscard]] static Result<JsonText> read(std::string text, std::size_t max_bytes);

    [[nodiscard]] const std::string &text() const { return text_; }
    [[nodiscard]] std::string_view at(JsonPlace place) const;

    [[nodiscard]] JsonPlace root() const;

    // What is directly in an object or an array, in its order. Invalid for any other value, and for
    // an object that has a key twice.
    [[nodiscard]] Result<std::vector<JsonMember>> members(JsonPlace object) const;
    [[nodiscard]] Result<std::vector<JsonPlace>> elements(JsonPlace array) const;

    // The text with these edits, of which no two may overlap.
    [[nodiscard]] std::string with(std::vector<JsonEdit> edits) const;

  private:
    explicit JsonText(std::string text) : text_(std::move(text)) {}

    std::string text_;
};

} // namespace xlsnap
