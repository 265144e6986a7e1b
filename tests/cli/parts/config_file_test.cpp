// SPDX-License-Identifier: LGPL-2.1-only
#include "cli/config_file.hpp"

#include <filesystem>
#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/temporary_directory.hpp"

namespace xlsnap::cli {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Optional;
using ::testing::StartsWith;
using ::testing::ThrowsMessage;

TEST(ConfigFile, IsReadAsXlReadsIt) {
    const ConfigFile file("F", "a = \"x # no comment\" # a comment\n"
                               "b='\"'; c=12\n"
                               "d = [ \"1\", # one\n 'two',\n 3 ]\n"
                               "d += [ '4' ]");
    EXPECT_THAT(file.text("a"), Optional(std::string("x # no comment")));
    EXPECT_THAT(file.text("b"), Optional(std::string("\"")));
    EXPECT_THAT(file.text("c"), Optional(std::string("12")));
    EXPECT_THAT(file.list("d"), Optional(ElementsAre("1", "two", "3", "4")));
    EXPECT_EQ(file.text("e"), std::nullopt);
    EXPECT_EQ(file.list("e"), std::nullopt);
}

TEST(ConfigFile, SaysWhereTheSyntaxIsWrong) {
    for (const char *text : {"a=\"1\"\nb=x", "a=1\nb=[1", "a=1\nb=\"x", "a=1\nb", "a=1\n'b'=1",
                             "a=1\nb=\"\\q\"", "a=1\r\nb=1"})
        EXPECT_THAT([text] { return ConfigFile("F", text); },
                    ThrowsMessage<std::runtime_error>(StartsWith("F:")))
            << text;
    EXPECT_THAT([] { return ConfigFile("F", "a=\"x\x1b\nb"); },
                ThrowsMessage<std::runtime_error>(HasSubstr("\\x1b")));
}

TEST(ConfigFile, RefusesANulThatWouldEndTheProcess) {
    EXPECT_THAT([] { return ConfigFile("F", std::string("a=\"x\0y\"\n", 8)); },
                ThrowsMessage<std::runtime_error>(AllOf(StartsWith("F: "), HasSubstr("NUL"))));
}

TEST(ConfigFile, RefusesANumberBehindABackslash) {
    EXPECT_THAT([] { return ConfigFile("F", "b=1\na=\"\\0123\"\n"); },
                ThrowsMessage<std::runtime_error>(
                    "F:2: a number behind a backslash is lost; write the character itself"));
}

TEST(ConfigFile, CountsLinesInListsAndComments) {
    const ConfigFile file("F", "# a=1\n\na=[\n\"]\",\n\"\\\"\" ] ;;\n # b\n  b=1");
    EXPECT_THAT([&file] { file.allow_only({"a"}); },
                ThrowsMessage<std::runtime_error>("F:7: there is no key b; there are a"));
    file.allow_only({"a", "b"});
}

TEST(ConfigFile, RefusesWhatIsNoListOfTexts) {
    const ConfigFile file("F", "a=\"x\"\nb=[ [ 1 ] ]");
    EXPECT_THAT([&file] { return file.list("a"); },
                ThrowsMessage<std::runtime_error>("F:1: a is no list; write a = [ \"...\" ]"));
    EXPECT_THAT([&file] { return file.list("b"); },
                ThrowsMessage<std::runtime_error>(StartsWith("F:2: b has a list in it")));
}

TEST(Quoted, GivesTheSameTextBack) {
    for (const char *text : {"", "plain", "it's \"so\"", "back\\slash\\", "two\nlines\n", "\\n",
                             "# [1], ; =", "d\u011b \x1b\t\r\x7f \xff"}) {
        const ConfigFile file("F", "a=" + in_quotes(text) + "\nb=[ " + in_quotes(text) + " ]\n");
        EXPECT_THAT(file.text("a"), Optional(std::string(text)));
        EXPECT_THAT(file.list("b"), Optional(ElementsAre(text)));
    }
}

TEST(TextFile, OfMoreThanAMebibyteIsRefused) {
    const test::TemporaryDirectory directory;
    test::put(directory / "big", std::string((1 << 20) + 1, ' '));
    test::put(directory / "most", std::string(1 << 20, ' '));
    EXPECT_THAT([&directory] { return read_text_file(directory / "big"); },
                ThrowsMessage<std::runtime_error>(HasSubstr("larger than 1 MiB")));
    EXPECT_EQ(read_text_file(directory / "most").size(), std::size_t{1} << 20);
}

} // namespace
} // namespace xlsnap::cli
