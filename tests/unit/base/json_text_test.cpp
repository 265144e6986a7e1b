// SPDX-License-Identifier: LGPL-2.1-only
#include "base/json_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace xlsnap {

namespace {

constexpr std::size_t kEnough = 1U << 20U;

JsonText text_of(const char *text) {
    return JsonText::read(text, kEnough).value();
}

TEST(JsonText, FindsTheMembersOfAnObjectInTheirOrder) {
    const JsonText json =
        text_of(" { \"b\" : [1,{\"x\":\"]}\\\"\"}] ,\"a\\\"\":-1.50e2, \"c\":{}\n}");
    const auto members = json.members(json.root()).value();
    ASSERT_EQ(members.size(), 3U);
    EXPECT_EQ(members[0].key, "b");
    EXPECT_EQ(json.at(members[0].value), "[1,{\"x\":\"]}\\\"\"}]");
    EXPECT_EQ(members[1].key, "a\"");
    EXPECT_EQ(json.at(members[1].value), "-1.50e2");
    EXPECT_EQ(json.at(members[2].value), "{}");
    EXPECT_TRUE(json.members(members[2].value)->empty());
}

TEST(JsonText, FindsTheElementsOfAnArrayInTheirOrder) {
    const JsonText json = text_of("[ 18446744073709551616 , \"a,]\",[ ],null]");
    const auto elements = json.elements(json.root()).value();
    ASSERT_EQ(elements.size(), 4U);
    EXPECT_EQ(json.at(elements[0]), "18446744073709551616");
    EXPECT_EQ(json.at(elements[1]), "\"a,]\"");
    EXPECT_EQ(json.at(elements[3]), "null");
    EXPECT_TRUE(json.elements(elements[2])->empty());
}

TEST(JsonText, ChangesWhatItIsToldAndNothingElse) {
    const JsonText json = text_of("[ 1, 2 ,3 ]");
    const auto elements = json.elements(json.root()).value();
    EXPECT_EQ(json.with({}), json.text());
    EXPECT_EQ(json.with({{elements[2], "{}"}, {elements[0], ""}, {{8, 8}, "0,"}}), "[ , 2 ,0,{} ]");
}

TEST(JsonText, RefusesWhatIsNoJson) {
    for (const char *text : {"", "{", "{} {}", "[1,]", "'a'", "\"\xff\""})
        EXPECT_EQ(JsonText::read(text, kEnough).error().code, ErrorCode::Invalid) << text;
    EXPECT_EQ(JsonText::read("[1,2]", 4).error().message, "JSON of 5 bytes; at most 4 are read");
}

TEST(JsonText, RefusesAKeyThatIsThereTwice) {
    const JsonText json = text_of(R"({"a":1,"\u0061":2})");
    EXPECT_EQ(json.members(json.root()).error().message, "an object has a key twice");
}

TEST(JsonText, TakesNothingElseForAnObjectOrAnArray) {
    const JsonText number = text_of("5");
    EXPECT_FALSE(number.members(number.root()));
    EXPECT_FALSE(number.elements(number.root()));
    const JsonText array = text_of("[]");
    EXPECT_FALSE(array.members(array.root()));
    const JsonText object = text_of("{}");
    EXPECT_FALSE(object.elements(object.root()));
}

} // namespace

} // namespace xlsnap
