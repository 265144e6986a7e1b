// SPDX-License-Identifier: LGPL-2.1-only
#include "cli/table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace xlsnap::cli {
namespace {

constexpr Screen kFile{0, true};

Table names_and_sizes() {
    return Table({{"NAME"}, {"SIZE", Column::Align::Right}, {"DESCRIPTION"}});
}

TEST(Table, AlignsItsColumnsAndNumbersToTheRight) {
    Table table = names_and_sizes();
    table.add({"s1", "17 B", "clean"});
    table.add({"before upgrade", "1.5 GiB", ""});
    EXPECT_EQ(table.to_text(kFile), "NAME               SIZE  DESCRIPTION\n"
                                    "s1                 17 B  clean\n"
                                    "before upgrade  1.5 GiB\n");
}

TEST(Table, CountsColumnsAndNotBytes) {
    Table table({{"NAME"}, {"TIME"}});
    table.add({"日本", "now"});
    table.add({"née", "then"});
    table.add({"e\u0301", "once"});
    EXPECT_EQ(table.to_text(kFile), "NAME  TIME\n"
                                    "日本  now\n"
                                    "née   then\n"
                                    "e\u0301     once\n");
}

TEST(Table, WithoutTitlesHasNoLineForThem) {
    Table table(std::vector<Column>(2));
    table.add({"name:", "s1"});
    table.add({"state:"});
    EXPECT_EQ(table.to_text(kFile), "name:   s1\nstate:\n");
    EXPECT_TRUE(Table(std::vector<Column>(1)).empty());
    EXPECT_FALSE(table.empty());
}

TEST(Table, CutsItsLastColumnToFitTheTerminal) {
    Table table = names_and_sizes();
    table.add({"s1", "17 B", "a snapshot after installation"});
    EXPECT_EQ(table.to_text({30, true}), "NAME  SIZE  DESCRIPTION\n"
                                         "s1    17 B  a snapshot after …\n");
    EXPECT_EQ(table.to_text({41, true}), "NAME  SIZE  DESCRIPTION\n"
                                         "s1    17 B  a snapshot after installation\n");
    EXPECT_EQ(table.to_text({30, false}), "NAME  SIZE  DESCRIPTION\n"
                                          "s1    17 B  a snapshot after ~\n");
}

TEST(Table, CutsTheColumnThatIsFlexible) {
    Table table({{"NAME", Column::Align::Left, true}, {"SIZE", Column::Align::Right}});
    table.add({"a long name of a snapshot", "17 B"});
    EXPECT_EQ(table.to_text({20, true}), "NAME            SIZE\n"
                                         "a long name o…  17 B\n");
}

TEST(Table, LeavesSomethingOfAColumnOnANarrowTerminal) {
    Table table = names_and_sizes();
    table.add({"before upgrade", "1.5 GiB", "a snapshot after installation"});
    EXPECT_EQ(table.to_text({10, true}), "NAME               SIZE  DES…\n"
                                         "before upgrade  1.5 GiB  a s…\n");
}

TEST(Table, IsNeverCutInAFile) {
    Table table = names_and_sizes();
    const std::string text(5000, 'x');
    table.add({"s1", "17 B", text});
    EXPECT_THAT(table.to_text(kFile), testing::HasSubstr(text));
}

TEST(Table, KeepsARowInItsLineWhateverIsInIt) {
    Table table({{"NAME"}, {"DESCRIPTION"}});
    table.add({"s\x1b[2J", "two\nlines"});
    EXPECT_EQ(table.to_text(kFile), "NAME      DESCRIPTION\n"
                                    "s\\x1b[2J  two\\nlines\n");
}

} // namespace
} // namespace xlsnap::cli
