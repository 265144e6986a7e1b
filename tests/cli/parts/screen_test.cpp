// SPDX-License-Identifier: LGPL-2.1-only
#include "cli/screen.hpp"

#include <fcntl.h>
#include <pty.h>
#include <sys/ioctl.h>

#include <cstdlib>
#include <string>

#include <gtest/gtest.h>

#include "base/unique_fd.hpp"
#include "cli/utf8.hpp"

namespace xlsnap::cli {
namespace {

constexpr Screen kTerminal{80, true};
constexpr Screen kAsciiTerminal{80, false};

TEST(Printable, LeavesTextOfAnyScriptAsItIs) {
    const std::string text = "before upgrade, é, 日本, 🐟, e\u0301, \"quoted\" \\";
    EXPECT_EQ(printable(text, kTerminal), text);
    EXPECT_EQ(printable("", kTerminal), "");
}

TEST(Printable, EscapesWhatATerminalWouldObey) {
    EXPECT_EQ(printable("a\x1b[2Jb", kTerminal), "a\\x1b[2Jb");
    EXPECT_EQ(printable("two\nlines\r\t\a\x7f", kTerminal), "two\\nlines\\r\\t\\x07\\x7f");
    EXPECT_EQ(printable(std::string("nul\0", 4), kTerminal), "nul\\x00");
    EXPECT_EQ(printable("\xc2\x9b", kTerminal), "\\u009b") << "CSI in one character";
    EXPECT_EQ(printable("a\u202eb\u2066\u2028", kTerminal), "a\\u202eb\\u2066\\u2028");
}

TEST(Printable, EscapesBytesThatAreNoUtf8) {
    EXPECT_EQ(printable("\xff", kTerminal), "\\xff");
    EXPECT_EQ(printable("a\xc3", kTerminal), "a\\xc3") << "cut off";
    EXPECT_EQ(printable("\xc0\xaf", kTerminal), "\\xc0\\xaf") << "longer than it needs";
    EXPECT_EQ(printable("\xed\xa0\x80", kTerminal), "\\xed\\xa0\\x80") << "a surrogate";
    EXPECT_EQ(printable("\xf4\x90\x80\x80", kTerminal), "\\xf4\\x90\\x80\\x80") << "beyond Unicode";
    EXPECT_EQ(printable("\xf8\x88\x80\x80\x80", kTerminal), "\\xf8\\x88\\x80\\x80\\x80");
    EXPECT_EQ(printable("\U0010ffff", kTerminal), "\\U0010ffff");
}

TEST(Printable, EscapesAllButAsciiOnATerminalThatShowsNoUtf8) {
    EXPECT_EQ(printable("d\u011b", kAsciiTerminal), "d\\u011b");
    EXPECT_EQ(printable("d\u011b", Screen{0, false}), "d\u011b") << "a file keeps what it gets";
}

TEST(Columns, CountWideAndCombiningCharacters) {
    EXPECT_EQ(columns_of("abc"), 3U);
    EXPECT_EQ(columns_of("é"), 1U);
    EXPECT_EQ(columns_of("e\u0301"), 1U);
    EXPECT_EQ(columns_of("日本"), 4U);
    EXPECT_EQ(columns_of(""), 0U);
}

TEST(Cut, KeepsWhatFits) {
    EXPECT_EQ(cut("abc", 3, kTerminal), "abc");
    EXPECT_EQ(cut("日本", 4, kTerminal), "日本");
}

TEST(Cut, EndsWhatDoesNotFitWithAnEllipsis) {
    EXPECT_EQ(cut("abcd", 3, kTerminal), "ab…");
    EXPECT_EQ(cut("日本", 3, kTerminal), "日…");
    EXPECT_EQ(cut("日本", 2, kTerminal), "…") << "half a character is none";
    EXPECT_EQ(cut("e\u0301bcd", 2, kTerminal), "e\u0301…") << "an accent stays with its letter";
    EXPECT_EQ(cut("abc", 0, kTerminal), "");
    EXPECT_EQ(cut("abcd", 3, kAsciiTerminal), "ab~");
}

TEST(FirstCharacter, TellsItsLengthAndCode) {
    const Character fish = first_character("🐟x");
    EXPECT_TRUE(fish.valid);
    EXPECT_EQ(fish.bytes, 4U);
    EXPECT_EQ(fish.code, U'🐟');
    const Character stray = first_character("\x80");
    EXPECT_FALSE(stray.valid);
    EXPECT_EQ(stray.bytes, 1U);
}

class ScreenOf : public testing::Test {
  protected:
    void SetUp() override {
        int master = -1;
        int slave = -1;
        ASSERT_EQ(::openpty(&master, &slave, nullptr, nullptr, nullptr), 0);
        master_.reset(master);
        slave_.reset(slave);
    }

    void resize(unsigned short columns) const {
        winsize size{};
        size.ws_col = columns;
        ASSERT_EQ(::ioctl(slave_.get(), TIOCSWINSZ, &size), 0);
    }

    UniqueFd master_;
    UniqueFd slave_;
};

TEST_F(ScreenOf, ATerminalHasItsColumns) {
    resize(123);
    EXPECT_EQ(screen_of(slave_.get()).columns, 123U);
    resize(0);
    EXPECT_EQ(screen_of(slave_.get()).columns, 80U);
}

TEST_F(ScreenOf, AFileHasNoEnd) {
    const UniqueFd file(::open("/dev/null", O_WRONLY | O_CLOEXEC));
    EXPECT_FALSE(screen_of(file.get()).is_terminal());
}

TEST_F(ScreenOf, UnicodeIsWhatTheLocaleOfTheEnvironmentSays) {
    ::setenv("LC_ALL", "C.UTF-8", 1);
    EXPECT_TRUE(screen_of(slave_.get()).unicode);
    ::setenv("LC_ALL", "C", 1);
    EXPECT_FALSE(screen_of(slave_.get()).unicode);
    ::setenv("LC_ALL", "no such locale", 1);
    EXPECT_FALSE(screen_of(slave_.get()).unicode);
    ::unsetenv("LC_ALL");
}

} // namespace
} // namespace xlsnap::cli
