// SPDX-License-Identifier: LGPL-2.1-only
#include "base/unique_fd.hpp"

#include <fcntl.h>

#include <gtest/gtest.h>

namespace xlsnap {
namespace {

int open_something() {
    return ::open("/dev/null", O_RDONLY | O_CLOEXEC);
}

bool is_open(int fd) {
    return ::fcntl(fd, F_GETFD) >= 0;
}

TEST(UniqueFdTest, ClosesWhenDestroyed) {
    int number = -1;
    {
        const UniqueFd fd(open_something());
        number = fd.get();
        ASSERT_TRUE(fd.valid());
        EXPECT_TRUE(is_open(number));
    }
    EXPECT_FALSE(is_open(number));
}

TEST(UniqueFdTest, OwnsNothingAtFirst) {
    const UniqueFd fd;
    EXPECT_FALSE(fd.valid());
    EXPECT_EQ(fd.get(), -1);
}

TEST(UniqueFdTest, MovingPassesTheOwnership) {
    UniqueFd from(open_something());
    const int number = from.get();
    const UniqueFd to(std::move(from));
    EXPECT_EQ(to.get(), number);
    EXPECT_TRUE(is_open(number));
}

TEST(UniqueFdTest, AssigningClosesWhatWasOwned) {
    UniqueFd first(open_something());
    UniqueFd second(open_something());
    const int old_number = first.get();
    const int new_number = second.get();
    first = std::move(second);
    EXPECT_FALSE(is_open(old_number));
    EXPECT_TRUE(is_open(new_number));
    EXPECT_EQ(first.get(), new_number);
}

TEST(UniqueFdTest, AssigningToItselfKeepsTheFile) {
    UniqueFd fd(open_something());
    const int number = fd.get();
    UniqueFd &alias = fd;
    fd = std::move(alias);
    EXPECT_EQ(fd.get(), number);
    EXPECT_TRUE(is_open(number));
}

TEST(UniqueFdTest, ReleaseGivesTheFileAway) {
    int number = -1;
    {
        UniqueFd fd(open_something());
        number = fd.release();
        EXPECT_FALSE(fd.valid());
    }
    EXPECT_TRUE(is_open(number));
    ::close(number);
}

} // namespace
} // namespace xlsnap
