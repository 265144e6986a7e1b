// SPDX-License-Identifier: LGPL-2.1-only
#include "base/foreign_text.hpp"

#include <gtest/gtest.h>

namespace xlsnap {
namespace {

TEST(ForeignText, KeepsAPlainLine) {
    EXPECT_EQ(quote_foreign("Device 'xvda' not found"), "Device 'xvda' not found");
}

TEST(ForeignText, LosesTheLineEndAndTerminalControls) {
    EXPECT_EQ(quote_foreign("one\ntwo\x1b[2J\x7f.\r\n \n"), "one two [2J .");
}

TEST(ForeignText, IsUtf8WhateverItWas) {
    EXPECT_EQ(quote_foreign("\xc3\xbc \xff \xc2\x9b \xc3"), "\xc3\xbc ?   ?");
}

TEST(ForeignText, CutsWhatIsTooLong) {
    const std::string quoted = quote_foreign(std::string(100'000, 'x'));
    EXPECT_LT(quoted.size(), 1000u);
    EXPECT_TRUE(quoted.ends_with("x..."));
}

} // namespace
} // namespace xlsnap
