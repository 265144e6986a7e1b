// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <functional>
#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ports/image_users.hpp"

namespace xlsnap::test {

// Images, and processes that have them open.
class ImageUsersHost {
  public:
    virtual ~ImageUsersHost() = default;

    virtual ImageUsers &image_users() = 0;

    // Makes an image that nobody has open, and returns its path.
    virtual std::string add(const std::string &name) = 0;
    virtual std::string missing() = 0;

    // A process opens the image; returns its pid.
    virtual int open(const std::string &path, bool writes) = 0;
    virtual std::string command_of(int pid) = 0;
    // The process is gone, now or as soon as somebody has begun to wait for it.
    virtual void end(int pid) = 0;
    virtual void end_when_waited_for(int pid) = 0;
};

using ImageUsersHostFactory = std::function<std::unique_ptr<ImageUsersHost>()>;

// What ports/image_users.hpp promises, tried through that interface alone.
class ImageUsersContract : public ::testing::TestWithParam<ImageUsersHostFactory> {
  protected:
    static constexpr std::chrono::seconds kLong{60};
    static constexpr std::chrono::milliseconds kShort{30};

    void SetUp() override {
        host_ = GetParam()();
        path_ = host_->add("a.qcow2");
        other_ = host_->add("b.qcow2");
    }

    ImageUsers &guard() { return host_->image_users(); }

    std::vector<ImageUser> users_of(const std::string &path) {
        auto users = guard().of(path);
        EXPECT_TRUE(users.has_value()) << users.error().message;
        return users.value_or(std::vector<ImageUser>());
    }

    std::unique_ptr<ImageUsersHost> host_;
    std::string path_;
    std::string other_;
};

TEST_P(ImageUsersContract, NobodyUsesANewImage) {
    EXPECT_TRUE(users_of(path_).empty());
}

TEST_P(ImageUsersContract, NamesTheProcessThatWrites) {
    const int pid = host_->open(path_, true);
    const auto users = users_of(path_);
    ASSERT_EQ(users.size(), 1U);
    EXPECT_EQ(users[0].pid, pid);
    EXPECT_EQ(users[0].command, host_->command_of(pid));
    EXPECT_TRUE(users[0].writes);
}

TEST_P(ImageUsersContract, AReaderDoesNotWrite) {
    host_->open(path_, false);
    const auto users = users_of(path_);
    ASSERT_EQ(users.size(), 1U);
    EXPECT_FALSE(users[0].writes);
}

TEST_P(ImageUsersContract, NamesEveryProcess) {
    const int first = host_->open(path_, true);
    const int second = host_->open(path_, false);
    std::vector<int> pids;
    for (const ImageUser &user : users_of(path_))
        pids.push_back(user.pid);
    EXPECT_THAT(pids, ::testing::UnorderedElementsAre(first, second));
}

TEST_P(ImageUsersContract, UsersOfOtherImagesDoNotCount) {
    host_->open(other_, true);
    EXPECT_TRUE(users_of(path_).empty());
}

TEST_P(ImageUsersContract, WhoIsGoneUsesNothing) {
    const int pid = host_->open(path_, true);
    ASSERT_EQ(users_of(path_).size(), 1U);
    host_->end(pid);
    EXPECT_TRUE(users_of(path_).empty());
}

TEST_P(ImageUsersContract, AnImageThatIsNotThereIsNotFound) {
    const auto users = guard().of(host_->missing());
    ASSERT_FALSE(users.has_value());
    EXPECT_EQ(users.error().code, ErrorCode::NotFound);
    EXPECT_THAT(users.error().message, ::testing::HasSubstr(host_->missing()));
    const Status waited = guard().wait_until_unused({path_, host_->missing()}, kLong);
    ASSERT_FALSE(waited.has_value());
    EXPECT_EQ(waited.error().code, ErrorCode::NotFound);
}

TEST_P(ImageUsersContract, WaitingForUnusedImagesSucceeds) {
    EXPECT_TRUE(guard().wait_until_unused({path_, other_}, kLong).has_value());
    EXPECT_TRUE(guard().wait_until_unused({}, kLong).has_value());
    EXPECT_TRUE(guard().wait_until_unused({path_}, std::chrono::milliseconds(0)).has_value());
}

TEST_P(ImageUsersContract, WaitingEndsWhenTheLastUserLeaves) {
    const int pid = host_->open(other_, true);
    host_->end_when_waited_for(pid);
    const Status waited = guard().wait_until_unused({path_, other_}, kLong);
    EXPECT_TRUE(waited.has_value()) << waited.error().message;
}

TEST_P(ImageUsersContract, WaitingInVainSaysWhoHasWhich) {
    const int pid = host_->open(other_, true);
    const Status waited = guard().wait_until_unused({path_, other_}, kShort);
    ASSERT_FALSE(waited.has_value());
    EXPECT_EQ(waited.error().code, ErrorCode::TimedOut);
    EXPECT_THAT(waited.error().message,
                ::testing::AllOf(::testing::HasSubstr(other_),
                                 ::testing::HasSubstr(host_->command_of(pid)),
                                 ::testing::HasSubstr(std::to_string(pid)),
                                 ::testing::Not(::testing::HasSubstr(path_))));
}

TEST_P(ImageUsersContract, AReaderIsInTheWayOfAChangeAndNotOfAWriter) {
    host_->open(other_, false);
    const Status unwritten = guard().wait_until_unwritten({path_, other_}, kLong);
    EXPECT_TRUE(unwritten.has_value()) << unwritten.error().message;
    EXPECT_FALSE(guard().wait_until_unused({path_, other_}, kShort).has_value());
}

TEST_P(ImageUsersContract, AWriterIsInTheWayOfAWriter) {
    host_->open(path_, false);
    const int pid = host_->open(other_, true);
    const Status waited = guard().wait_until_unwritten({path_, other_}, kShort);
    ASSERT_FALSE(waited.has_value());
    EXPECT_EQ(waited.error().code, ErrorCode::TimedOut);
    EXPECT_THAT(waited.error().message,
                ::testing::AllOf(::testing::HasSubstr(std::to_string(pid)),
                                 ::testing::Not(::testing::HasSubstr(path_))));
}

} // namespace xlsnap::test
