// SPDX-License-Identifier: LGPL-2.1-only
#include <string>

#include <gtest/gtest.h>

#include "base/utf8.hpp"

namespace xlsnap {

namespace {

TEST(Utf8, ReadsTheFirstAndLastCodePointOfEachLength) {
    const auto value = [](std::string_view text) {
        const CodePoint point = first_code_point(text);
        EXPECT_EQ(point.bytes, text.size());
        return point.value;
    };
    EXPECT_EQ(value(std::string_view("\0", 1)), 0U);
    EXPECT_EQ(value("\x7f"), 0x7fU);
    EXPECT_EQ(value("\xc2\x80"), 0x80U);
    EXPECT_EQ(value("\xdf\xbf"), 0x7ffU);
    EXPECT_EQ(value("\xe0\xa0\x80"), 0x800U);
    EXPECT_EQ(value("\xed\x9f\xbf"), 0xd7ffU);
    EXPECT_EQ(value("\xee\x80\x80"), 0xe000U);
    EXPECT_EQ(value("\xef\xbf\xbf"), 0xffffU);
    EXPECT_EQ(value("\xf0\x90\x80\x80"), 0x10000U);
    EXPECT_EQ(value("\xf4\x8f\xbf\xbf"), 0x10ffffU);
}

TEST(Utf8, LeavesWhatFollowsTheFirstCodePoint) {
    EXPECT_EQ(first_code_point("\xc3\xa9t").bytes, 2U);
    EXPECT_EQ(first_code_point("t\xff").bytes, 1U);
}

TEST(Utf8, RefusesWhatIsNotWellFormed) {
    for (const char *text :
         {"\x80", "\xbf", "\xc0\xaf", "\xc1\xbf", "\xc3", "\xc3(", "\xc3\xc3", "\xe0\x9f\xbf",
          "\xe2\x28\xa1", "\xe2\x82", "\xe2\x82(", "\xed\xa0\x80", "\xed\xbf\xbf",
          "\xf0\x8f\xbf\xbf", "\xf0\x9f\x92", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff"}) {
        EXPECT_EQ(first_code_point(text).bytes, 0U) << text;
        EXPECT_FALSE(is_utf8(std::string("a") + text)) << text;
    }
}

TEST(Utf8, AcceptsTextOfAnyLanguage) {
    for (const char *text : {"", "s1", "été", "スナップ", "\xf0\x9f\x92\xbe"})
        EXPECT_TRUE(is_utf8(text)) << text;
}

TEST(Utf8, CallsControlWhatATerminalObeys) {
    for (const char32_t value : {0x00U, 0x1bU, 0x1fU, 0x7fU, 0x80U, 0x9bU, 0x9fU})
        EXPECT_TRUE(is_control(value)) << std::hex << static_cast<unsigned>(value);
    for (const char32_t value : {0x20U, 0x7eU, 0xa0U, 0x2028U})
        EXPECT_FALSE(is_control(value)) << std::hex << static_cast<unsigned>(value);
}

TEST(Utf8, CallsInvisibleWhatHidesOrTurnsText) {
    for (const char32_t value :
         {0x00adU, 0x061cU, 0x200bU,  0x200eU,  0x200fU,  0x2028U,  0x202eU,  0x2060U,
          0x2066U, 0x206fU, 0x3164U,  0xfdd0U,  0xfe0fU,  0xfeffU,  0xfff9U,  0xfffbU,
          0xfffeU, 0xffffU, 0x1fffeU, 0xe0000U, 0xe0001U, 0xe007fU, 0x10ffffU})
        EXPECT_TRUE(is_invisible(value)) << std::hex << static_cast<unsigned>(value);
    for (const char32_t value :
         {0x20U, 0x41U, 0xacU, 0xaeU, 0xe9U, 0x2010U, 0x2027U, 0x202fU, 0x205fU, 0x2070U, 0x30b9U,
          0xfdcfU, 0xfdf0U, 0xfffcU, 0xfffdU, 0x1f4beU})
        EXPECT_FALSE(is_invisible(value)) << std::hex << static_cast<unsigned>(value);
}

} // namespace

} // namespace xlsnap
