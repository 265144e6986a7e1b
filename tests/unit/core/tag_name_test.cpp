// SPDX-License-Identifier: LGPL-2.1-only
#include <string>

#include <gtest/gtest.h>

#include "core/tag_name.hpp"

namespace xlsnap {

namespace {

TEST(TagName, AcceptsWhatPeopleUse) {
    for (const char *name : {"s1", "before upgrade", "été", "1397207577", "123456789", "a,b=c:d",
                             "\xf0\x9f\x92\xbe", "..", "x-1", "\xc2\xa0\xc3\x80"})
        EXPECT_TRUE(check_tag_name(name)) << name;
    EXPECT_TRUE(check_tag_name(std::string(kMaxTagBytes, 'n')));
}

TEST(TagName, RefusesShortDigitsWhichMayBeAnotherSnapshotsId) {
    for (const char *name : {"1", "12", "00000001", "99999999"})
        EXPECT_FALSE(check_tag_name(name)) << name;
}

TEST(TagName, RefusesWhatCannotBeANameInQcow2OrOnACommandLine) {
    for (const std::string &name :
         {std::string(), std::string("a/b"), std::string("-x"), std::string("a\nb"),
          std::string("a\0b", 3), std::string("\x7f"), std::string(kMaxTagBytes + 1, 'n'),
          std::string("a\xc2\x80"),
          std::string("\xc2\x9b"
                      "31m")}) {
        const Status status = check_tag_name(name);
        ASSERT_FALSE(status) << name;
        EXPECT_EQ(status.error().code, ErrorCode::Invalid);
    }
}

TEST(TagName, RefusesMalformedUtf8) {
    for (const char *name : {"\xff", "a\xc3", "\xc0\xaf", "\xe0\x80\x80", "\xed\xa0\x80",
                             "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\x80", "\xe2\x28\xa1"})
        EXPECT_FALSE(check_tag_name(name)) << name;
}

TEST(TagName, KeepsTheNamesOfRevertsForItself) {
    const std::string own = make_revert_tag("1700000000-42-0");
    EXPECT_FALSE(check_new_tag_name(own));
    EXPECT_TRUE(check_tag_name(own)); // so that one that stayed can be deleted
    EXPECT_TRUE(check_new_tag_name("s1"));
    EXPECT_FALSE(check_new_tag_name("12"));
}

} // namespace

} // namespace xlsnap
