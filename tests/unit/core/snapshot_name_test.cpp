// SPDX-License-Identifier: LGPL-2.1-only
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/snapshot_name.hpp"
#include "core/tag_name.hpp"

namespace xlsnap {

namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(SnapshotName, AcceptsWhatPeopleUse) {
    for (const char *name : {"s1", "1", "12", "before upgrade", "été", "1397207577", "a,b=c:d%25",
                             "\xf0\x9f\x92\xbe", "...", ".hidden", "x-1", "スナップ"})
        EXPECT_TRUE(check_snapshot_name(name)) << name;
    EXPECT_TRUE(check_snapshot_name(std::string(kMaxSnapshotNameBytes, 'n')));
}

struct Refused {
    std::string name;
    const char *reason;
};

TEST(SnapshotName, RefusesWhatCannotBeANameAndSaysWhatToDo) {
    for (const auto &[name, reason] :
         {Refused{"", "is empty; give one"},
          Refused{std::string(kMaxSnapshotNameBytes + 1, 'n'), "has 101 bytes; choose one of at "
                                                               "most 100"},
          Refused{"a/b", "'a/b' holds a '/'"}, Refused{".", "directory"},
          Refused{"..", "directory"}, Refused{"-n", "'-n' begins with '-'"}}) {
        const Status status = check_snapshot_name(name);
        ASSERT_FALSE(status) << name;
        EXPECT_EQ(status.error().code, ErrorCode::Invalid);
        EXPECT_THAT(status.error().message, HasSubstr(reason));
    }
}

// A message with the name in it would do to the terminal what the name is refused for.
TEST(SnapshotName, RefusesWhatIsNotSeenAsItselfAndDoesNotShowIt) {
    for (const auto &[name, reason] :
         {Refused{"evil\xff", "not valid UTF-8"}, Refused{"evil\xed\xa0\x80", "not valid UTF-8"},
          Refused{"evil\n", "control character"}, Refused{std::string("evil\0", 5), "control"},
          Refused{"evil\x7f", "control"}, Refused{"evil\xc2\x9b", "control"},
          Refused{"evil\xc2\xad", "U+00AD"}, Refused{"evil\xe2\x80\x8b", "U+200B"},
          Refused{"evil\xe2\x80\xae", "U+202E, which cannot be seen; choose another one"},
          Refused{"evil\xf3\xa0\x81\x81", "U+E0041"}, Refused{"evil\xef\xbf\xbf", "U+FFFF"}}) {
        const Status status = check_snapshot_name(name);
        ASSERT_FALSE(status) << reason;
        EXPECT_THAT(status.error().message, HasSubstr(reason));
        EXPECT_THAT(status.error().message, Not(HasSubstr("evil")));
    }
}

TEST(SnapshotName, IsTheSecondsWhenNoneIsGiven) {
    for (const char *current : {"", "s1", "1397207576", "1397207577a", "-1397207577", "1e9",
                                "18446744073709551616", "18446744073709551615"})
        EXPECT_EQ(first_number_for_name(1397207577, current), 1397207577U) << current;
}

TEST(SnapshotName, CountsOnFromTheCurrentOneWhenThatIsAheadOfTheTimeByLessThanADay) {
    EXPECT_EQ(first_number_for_name(1397207577, "1397207577"), 1397207578U);
    EXPECT_EQ(first_number_for_name(1397207577, "1397293976"), 1397293977U);
    EXPECT_EQ(first_number_for_name(1397207577, "1397293977"), 1397207577U);
}

TEST(SnapshotTag, IsAcceptedAsANewTagAndIsNoTagOfARevert) {
    const std::string tag = snapshot_tag("0123456789012345");
    EXPECT_EQ(tag, "xlsnap-0123456789012345");
    EXPECT_TRUE(check_new_tag_name(tag));
}

} // namespace

} // namespace xlsnap
