// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/store/record_shapes.hpp"
#include "base/json.hpp"
#include "base/result.hpp"

namespace xlsnap {

// Reads the members of a JSON object that a file holds. The first that is missing or is not what it
// must be is remembered, and status() tells it; what is read after it means nothing. Members that
// nobody asks for are ignored.
class RecordFields {
  public:
    // `place`: what the object is called in a message: "disks[0]", or nothing for the whole.
    RecordFields(const Json &object, std::string place);

    std::string text(std::string_view key, const TextShape &shape);
    // Empty when there is no such member.
    std::string optional_text(std::string_view key, const TextShape &shape);

    std::uint64_t number(std::string_view key, std::uint64_t most = INT64_MAX);
    std::optional<std::uint64_t> optional_number(std::string_view key);
    // A number that JSON's readers may not have room for, so it stands in a text.
    std::uint64_t number_in_text(std::string_view key);

    bool flag(std::string_view key);

    // One of the words; its index.
    std::size_t word(std::string_view key, const std::vector<std::string_view> &words);

    // The elements of an array, to be read while the object is there.
    std::vector<RecordFields> array(std::string_view key);
    // Empty when there is no such member.
    std::vector<RecordFields> optional_array(std::string_view key);
    // An array of texts.
    std::vector<std::string> texts(std::string_view key, const TextShape &shape);
    std::optional<RecordFields> optional_object(std::string_view key);

    [[nodiscard]] bool has(std::string_view key) const { return object_.find(key) != nullptr; }

    void refuse(std::string_view key, std::string_view why);
    // What was refused in an object inside this one.
    void adopt(const RecordFields &inner);

    [[nodiscard]] const Status &status() const { return status_; }

  private:
    // nullptr, with the refusal, when there is no such member.
    const Json *required(std::string_view key);
    std::string text_of(const Json &member, std::string_view key, const TextShape &shape);
    std::uint64_t number_of(const Json &member, std::string_view key, std::uint64_t most);
    [[nodiscard]] std::string name_of(std::string_view key) const;

    const Json &object_;
    std::string place_;
    Status status_;
};

} // namespace xlsnap
