// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/store/record_file_name.hpp"

#include <climits>
#include <random>
#include <set>
#include <vector>

#include <gtest/gtest.h>

namespace xlsnap::test {
namespace {

TEST(RecordFileName, KeepsWhatAShellDoesAndEncodesTheRest) {
    EXPECT_EQ(record_file_name("s1"), "snapshotdata-s1.xl");
    EXPECT_EQ(record_file_name("aZ09._+=@,:~-"), "snapshotdata-aZ09._+=@,:~-.xl");
    EXPECT_EQ(record_file_name("a b%c*"), "snapshotdata-a%20b%25c%2A.xl");
    EXPECT_EQ(record_file_name("\xc3\xbc"), "snapshotdata-\xc3\xbc.xl");
    EXPECT_EQ(record_file_name(".hidden"), "snapshotdata-.hidden.xl");
}

TEST(RecordFileName, OfALongNameEncodesOnlyWhatCouldBeMistaken) {
    const std::string spaces(80, ' ');
    EXPECT_EQ(record_file_name(spaces + "%41%4%"), "snapshotdata-" + spaces + "%2541%4%.xl");
    const std::string longest_encoded(74, ' '); // 13 + 3 * 74 + 3 = 238 bytes
    EXPECT_EQ(record_file_name(longest_encoded).size(), 238U);
    EXPECT_EQ(record_file_name(longest_encoded + "xx").size(), 240U);
    EXPECT_EQ(record_file_name(longest_encoded + "xxx"),
              "snapshotdata-" + longest_encoded + "xxx.xl");
}

// Names of the characters that matter to the encoding, of all lengths.
TEST(RecordFileName, TellsTheNameAndFitsTheFileSystem) {
    const std::vector<std::string> pieces = {"%", "4", "a", "F", "2", " ", ".", "\xc3\xbc"};
    std::mt19937 random(1);
    std::set<std::string> names;
    std::set<std::string> file_names;
    for (int i = 0; i < 20000; ++i) {
        std::string name = "n";
        for (std::size_t length = 1 + random() % 99; name.size() < length;)
            name += pieces[random() % pieces.size()];
        const std::string file_name = record_file_name(name);
        ASSERT_EQ(snapshot_of_file_name(file_name), name) << file_name;
        ASSERT_LE(file_name.size(), std::size_t{NAME_MAX});
        names.insert(name);
        file_names.insert(file_name);
    }
    EXPECT_EQ(names.size(), file_names.size());
}

TEST(RecordFileName, OthersTellNothing) {
    for (const char *file_name :
         {"lock", "domain.xl", "snapshotdata-.xl", "snapshotdata-s1", "xsnapshotdata-s1.xl",
          "snapshotdata-s1.xl.tmp", ".snapshotdata-s1.xl.0123456789abcdef.tmp",
          "snapshotdata-a b.xl", "snapshotdata-%41.xl", "snapshotdata-a%2ab.xl", "snapshotdata.xl",
          "snapshotdata-a%2Fb.xl", "snapshotdata-%.xl", "snapshotdata-%00.xl"})
        EXPECT_EQ(snapshot_of_file_name(file_name), std::nullopt) << file_name;
    EXPECT_EQ(snapshot_of_file_name("snapshotdata-" + std::string(101, 'x') + ".xl"), std::nullopt);
}

TEST(RecordFileName, OfANameThatNoSnapshotCanHaveTellsNothing) {
    for (const char *name : {"a\nb", "\x1b[2J", "a\xe2\x80\xaegpj", "\xc3", "-rf", ".."})
        EXPECT_EQ(snapshot_of_file_name(record_file_name(name)), std::nullopt) << name;
}

} // namespace
} // namespace xlsnap::test
