// SPDX-License-Identifier: LGPL-2.1-only
#include "base/json.hpp"

#include "base/json_text.hpp"
#include "base/utf8.hpp"
#include "fuzz/fuzz_target.hpp"

namespace xlsnap::fuzz {

namespace {

// Of an escape "\u0000" the value has one byte, and a byte of the value needs six at most.
constexpr std::size_t kBytesForOne = 6;
// "1e0" becomes a number with 20 digits.
constexpr std::size_t kBytesOfANumber = 32;

void expect_types(const Json &json) {
    const int types = (json.as_bool() != nullptr ? 1 : 0) + (json.as_integer() != nullptr ? 1 : 0) +
                      (json.as_string() != nullptr ? 1 : 0) + (json.as_array() != nullptr ? 1 : 0) +
                      (json.as_object() != nullptr ? 1 : 0);
    expect(types <= 1, "a value has one type");
    if (const std::string *text = json.as_string())
        expect(is_utf8(*text), "a text is UTF-8");
    if (const Json::Array *array = json.as_array())
        for (const Json &element : *array)
            expect_types(element);
    if (const Json::Object *object = json.as_object()) {
        for (const auto &[key, member] : *object) {
            expect(is_utf8(key), "a key is UTF-8");
            expect(json.find(key) == &member, "a member is found by its key");
            expect(json.find_string(key) == member.as_string(), "a text is found by its key");
            expect_types(member);
        }
    }
    expect(json.find("\xff") == nullptr, "a key that is not there is not found");
}

// Every value stands where it is said to stand, and the text is kept.
void read_in_place(const JsonText &json, JsonPlace place, int depth) {
    const Result<std::vector<JsonMember>> members = json.members(place);
    const Result<std::vector<JsonPlace>> elements = json.elements(place);
    expect(!members || !elements, "a value has one type");
    if (!members)
        refused(members.error().message, 0);
    if (!elements)
        refused(elements.error().message, 0);
    if (depth == 0)
        return;
    std::vector<JsonPlace> inside = elements.value_or(std::vector<JsonPlace>());
    for (const JsonMember &member : members.value_or(std::vector<JsonMember>()))
        inside.push_back(member.value);
    for (const JsonPlace value : inside) {
        expect(check_json(json.at(value), json.text().size()).has_value(), "a value is JSON");
        read_in_place(json, value, depth - 1);
    }
    expect(inside.empty() || check_json(json.with({{inside.front(), "0"}}), SIZE_MAX).has_value(),
           "a value can be replaced");
}

void keep(std::string_view text) {
    constexpr std::size_t most_bytes = std::size_t{16} << 20;
    constexpr int deep_enough = 3;
    const Result<JsonText> json = JsonText::read(std::string(text), most_bytes);
    expect(json || !parse_json(text), "what is read as a value is JSON");
    if (!json) {
        refused(json.error().message, 0);
        return;
    }
    expect(json->with({}) == text, "nothing changes by itself");
    read_in_place(*json, json->root(), deep_enough);
}

void read_and_write(std::string_view text) {
    const Result<Json> json = parse_json(text);
    if (!json) {
        expect(json.error().code == ErrorCode::Invalid, "what is refused is invalid");
        refused(json.error().message, 0);
        return;
    }
    expect_types(*json);
    const std::string written = json->to_text();
    expect(written.size() <= kBytesOfANumber * (text.size() + 1) + kBytesForOne * text.size(),
           "what is written is not out of proportion to what was read");
    const Result<Json> again = parse_json(written);
    expect(again.has_value(), "what is written can be read");
    expect(again->to_text() == written, "what is read again is the same");
}

} // namespace

} // namespace xlsnap::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    xlsnap::fuzz::read_and_write(xlsnap::fuzz::text_of(data, size));
    xlsnap::fuzz::keep(xlsnap::fuzz::text_of(data, size));
    return 0;
}
