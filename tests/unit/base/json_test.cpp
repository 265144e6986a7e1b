// SPDX-License-Identifier: LGPL-2.1-only
#include "base/json.hpp"

#include <cstdint>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace xlsnap {
namespace {

using ::testing::HasSubstr;

std::string nested(std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
}

void expect_refused(std::string_view text, std::string_view reason) {
    const Result<Json> json = parse_json(text);
    ASSERT_FALSE(json.has_value()) << text;
    EXPECT_EQ(json.error().code, ErrorCode::Invalid) << text;
    EXPECT_THAT(json.error().message, HasSubstr(std::string(reason))) << text;
}

// The text of the value after a trip through the parser.
std::string round_trip(std::string_view text) {
    const Result<Json> json = parse_json(text);
    return json ? json->to_text() : "refused: " + json.error().message;
}

TEST(JsonTest, ReadsEachTypeOfValue) {
    const Result<Json> json = parse_json(
        R"( {"null":null,"bool":true,"int":-12,"double":1.5,"text":"a","array":[1,[]],"object":{}} )");
    ASSERT_TRUE(json.has_value());
    ASSERT_NE(json->find("null"), nullptr);
    EXPECT_TRUE(std::holds_alternative<std::nullptr_t>(json->find("null")->value()));
    EXPECT_EQ(*json->find("bool")->as_bool(), true);
    EXPECT_EQ(*json->find("int")->as_integer(), -12);
    EXPECT_EQ(std::get<double>(json->find("double")->value()), 1.5);
    EXPECT_EQ(*json->find_string("text"), "a");
    EXPECT_EQ(json->find("array")->as_array()->size(), 2U);
    EXPECT_TRUE(json->find("object")->as_object()->empty());
}

TEST(JsonTest, AnotherTypeThanAskedForIsNothing) {
    const Json text("1");
    EXPECT_EQ(text.as_bool(), nullptr);
    EXPECT_EQ(text.as_integer(), nullptr);
    EXPECT_EQ(text.as_array(), nullptr);
    EXPECT_EQ(text.as_object(), nullptr);
    EXPECT_EQ(text.find("1"), nullptr);
    EXPECT_EQ(Json(true).as_string(), nullptr);
    EXPECT_EQ(Json(Json::Object{{"n", std::int64_t{1}}}).find_string("n"), nullptr);
    EXPECT_EQ(Json(Json::Object{}).find_string("missing"), nullptr);
}

TEST(JsonTest, WritesWhatItReads) {
    for (const std::string text :
         {R"({"a":[1,2,{"b":null}],"c":"\"\\\n","d":false})", R"([])", R"({})", R"(null)", R"("")",
          R"(9223372036854775807)", R"(-9223372036854775807)", R"(0.5)"})
        EXPECT_EQ(round_trip(text), text);
}

TEST(JsonTest, WritesMembersInTheOrderOfTheirKeys) {
    EXPECT_EQ(round_trip(R"({"b":1,"a":2})"), R"({"a":2,"b":1})");
}

TEST(JsonTest, TextKeepsEveryCharacter) {
    for (const std::string &text :
         {std::string("a\0b", 3), std::string("caf\xc3\xa9"), std::string("\x01\x1f\"\\/")}) {
        const Result<Json> json = parse_json(Json(text).to_text());
        ASSERT_TRUE(json.has_value());
        ASSERT_NE(json->as_string(), nullptr);
        EXPECT_EQ(*json->as_string(), text);
    }
}

TEST(JsonTest, ReadsEscapedCharactersBeyondTheBasicPlane) {
    const Result<Json> json = parse_json(R"("\ud83d\ude00")");
    ASSERT_TRUE(json.has_value());
    EXPECT_EQ(*json->as_string(), "\xf0\x9f\x98\x80");
}

TEST(JsonTest, RefusesWhatIsNoJson) {
    for (const char *text : {"", " ", "{", "[1", "[1,]", "{\"a\"}", "{\"a\":}", "{a:1}", "'a'",
                             "tru", "01", "1.", "+1", "\"a", "// a\n1", "\xef\xbb\xbf{}"})
        expect_refused(text, "malformed JSON");
}

TEST(JsonTest, RefusesMoreThanOneValue) {
    expect_refused("{} {}", "malformed JSON");
    expect_refused("1 2", "malformed JSON");
    expect_refused("[]x", "malformed JSON");
}

TEST(JsonTest, RefusesAKeyThatComesTwice) {
    expect_refused(R"({"a":1,"a":2})", "duplicate key");
    expect_refused(R"([{"b":{"a":1,"c":2,"a":1}}])", "duplicate key");
    EXPECT_EQ(round_trip(R"([{"a":1},{"a":1}])"), R"([{"a":1},{"a":1}])");
}

TEST(JsonTest, RefusesNumbersThatDoNotFit) {
    expect_refused("9223372036854775808", "malformed JSON");
    expect_refused("-9223372036854775809", "malformed JSON");
    expect_refused("1e999", "malformed JSON");
}

TEST(JsonTest, RefusesTextThatIsNotUtf8) {
    expect_refused("\"\xff\"", "malformed JSON");
    expect_refused("\"\xc3\"", "malformed JSON");
    expect_refused("{\"\xc3\x28\":1}", "malformed JSON");
    for (const char *text : {"\"\xc0\xaf\"", "\"\xed\xa0\x80\"", "\"\xf4\x90\x80\x80\"",
                             "\"\\ude00\"", "{\"\xe0\x80\xaf\":1}"})
        expect_refused(text, "not UTF-8");
}

TEST(JsonTest, RefusesMoreBytesThanTheLimit) {
    EXPECT_TRUE(parse_json("[1,2]", {.max_bytes = 5}).has_value());
    const Result<Json> json = parse_json("[1,2] ", {.max_bytes = 5});
    ASSERT_FALSE(json.has_value());
    EXPECT_EQ(json.error().code, ErrorCode::Invalid);
    EXPECT_EQ(json.error().message, "JSON of 6 bytes; at most 5 are read");
}

TEST(JsonTest, RefusesDeeperNestingThanTheLimit) {
    EXPECT_TRUE(parse_json(nested(64)).has_value());
    expect_refused(nested(65), "nested deeper than 64 levels");
    expect_refused(nested(10'000), "nested deeper than 64 levels");
    expect_refused(std::string(10'000, '['), "nested deeper than 64 levels");
}

TEST(JsonTest, WritesTheDeepestNestingThatItReads) {
    EXPECT_EQ(round_trip(nested(64)), nested(64));
}

} // namespace
} // namespace xlsnap
