// SPDX-License-Identifier: LGPL-2.1-only
// What ProcImageUsers promises beyond the contract of ImageUsers.
#include "adapters/posix/proc_image_users.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/unique_fd.hpp"
#include "support/file_holder.hpp"
#include "support/temporary_directory.hpp"
#include "support/thread_conditions.hpp"

namespace xlsnap::test {
namespace {

namespace fs = std::filesystem;

using ::testing::AllOf;
using ::testing::HasSubstr;

// Real processes, on the real /proc.
class RealProcessesTest : public ::testing::Test {
  protected:
    RealProcessesTest() { put(image_, "image"); }

    std::vector<int> pids_of(const std::string &path) {
        const auto users = guard_.of(path);
        EXPECT_TRUE(users.has_value()) << users.error().message;
        std::vector<int> pids;
        for (const ImageUser &user : users.value_or(std::vector<ImageUser>()))
            pids.push_back(user.pid);
        return pids;
    }

    TemporaryDirectory directory_;
    std::string image_ = directory_ / "a.qcow2";
    ProcImageUsers guard_;
};

TEST_F(RealProcessesTest, AnImageIsItselfUnderEveryName) {
    const FileHolder holder(image_, O_RDWR);
    fs::create_hard_link(image_, directory_ / "hard");
    fs::create_symlink("hard", directory_ / "soft");
    EXPECT_THAT(pids_of(directory_ / "hard"), ::testing::ElementsAre(holder.pid()));
    EXPECT_THAT(pids_of(directory_ / "soft"), ::testing::ElementsAre(holder.pid()));
    fs::rename(image_, directory_ / "renamed");
    EXPECT_THAT(pids_of(directory_ / "renamed"), ::testing::ElementsAre(holder.pid()));
}

TEST_F(RealProcessesTest, AnotherFileOfTheSameNameIsAnotherImage) {
    const FileHolder holder(image_, O_RDWR);
    put(directory_ / "new", "image");
    fs::rename(directory_ / "new", image_);
    EXPECT_THAT(pids_of(image_), ::testing::IsEmpty());
}

TEST_F(RealProcessesTest, NamingAFileIsNotOpeningIt) {
    const FileHolder holder(image_, O_PATH);
    EXPECT_THAT(pids_of(image_), ::testing::IsEmpty());
}

TEST_F(RealProcessesTest, OnlyRegularFilesAndBlockDevicesAreImages) {
    ASSERT_EQ(::mkfifo((directory_ / "fifo").c_str(), 0600), 0);
    for (const std::string &path :
         {directory_.path(), directory_ / "fifo", std::string("/dev/null")}) {
        const auto users = guard_.of(path);
        ASSERT_FALSE(users.has_value());
        EXPECT_EQ(users.error().code, ErrorCode::Invalid);
        EXPECT_EQ(users.error().message, path + " is neither a regular file nor a block device");
    }
}

// A /proc and a /sys made of files, where things can be as they rarely are.
class MadeUpProcessesTest : public ::testing::Test {
  protected:
    MadeUpProcessesTest() {
        // "nobody" must be able to look around.
        ::chmod(directory_.path().c_str(), 0755);
        put(image_, "image");
        put(other_, "image");
        fs::create_directories(directory_ / "sys/block");
        fs::create_directories(proc_);
    }

    void add_process(int pid, const std::string &command) const {
        put(in_process(pid, "comm"), command + "\n");
        fs::create_directories(in_process(pid, "fd"));
    }
    void add_descriptor(int pid, int number, const std::string &file, int flags) const {
        const std::string name = std::to_string(number);
        fs::create_symlink(file, in_process(pid, "fd/" + name));
        char text[64];
        std::snprintf(text, sizeof(text), "pos:\t0\nflags:\t0%o\nmnt_id:\t30\n",
                      static_cast<unsigned>(flags));
        put(in_process(pid, "fdinfo/" + name), text);
    }
    [[nodiscard]] std::string in_process(int pid, const std::string &name) const {
        return proc_ + "/" + std::to_string(pid) + "/" + name;
    }

    std::vector<ImageUser> users_of(const std::string &path) {
        auto users = guard_.of(path);
        EXPECT_TRUE(users.has_value()) << users.error().message;
        return users.value_or(std::vector<ImageUser>());
    }

    TemporaryDirectory directory_;
    std::string image_ = directory_ / "a.qcow2";
    std::string other_ = directory_ / "b.qcow2";
    std::string proc_ = directory_ / "proc";
    ProcImageUsers guard_{proc_, directory_ / "sys"};
};

TEST_F(MadeUpProcessesTest, AProcessIsNamedOnceAndWritesWhenAnyDescriptorDoes) {
    add_process(100, "qemu-system-i38");
    add_descriptor(100, 3, image_, O_RDONLY);
    add_descriptor(100, 4, image_, O_RDWR);
    add_descriptor(100, 5, image_, O_RDONLY);
    const auto users = users_of(image_);
    ASSERT_EQ(users.size(), 1U);
    EXPECT_EQ(users[0].pid, 100);
    EXPECT_EQ(users[0].command, "qemu-system-i38");
    EXPECT_TRUE(users[0].writes);
}

TEST_F(MadeUpProcessesTest, OneThatOnlyWritesWrites) {
    add_process(100, "dd");
    add_descriptor(100, 1, image_, O_WRONLY);
    ASSERT_EQ(users_of(image_).size(), 1U);
    EXPECT_TRUE(users_of(image_)[0].writes);
}

TEST_F(MadeUpProcessesTest, FlagsThatCannotBeReadMeanWriting) {
    add_process(100, "qemu");
    add_descriptor(100, 3, image_, O_RDONLY);
    for (const char *info : {"pos:\t0\n", "flags:\tx\n"}) {
        put(in_process(100, "fdinfo/3"), info);
        ASSERT_EQ(users_of(image_).size(), 1U);
        EXPECT_TRUE(users_of(image_)[0].writes);
    }
}

TEST_F(MadeUpProcessesTest, WhatVanishesMeanwhileIsLeftOut) {
    add_process(100, "gone");
    fs::remove_all(in_process(100, "fd"));
    add_process(101, "closed-one");
    add_descriptor(101, 3, directory_ / "deleted", O_RDWR);
    add_process(102, "closed-another");
    add_descriptor(102, 3, image_, O_RDWR);
    fs::remove(in_process(102, "fdinfo/3"));
    add_process(103, "gone-too");
    add_descriptor(103, 3, image_, O_RDWR);
    fs::remove(in_process(103, "comm"));
    EXPECT_THAT(users_of(image_), ::testing::IsEmpty());
}

TEST_F(MadeUpProcessesTest, OnlyNumbersAreProcessesAndThisOneDoesNotCount) {
    fs::create_directories(proc_ + "/self/fd");
    fs::create_directories(proc_ + "/1x/fd");
    fs::create_symlink(image_, proc_ + "/self/fd/3");
    fs::create_symlink(image_, proc_ + "/1x/fd/3");
    add_process(::getpid(), "me");
    add_descriptor(::getpid(), 3, image_, O_RDWR);
    EXPECT_THAT(users_of(image_), ::testing::IsEmpty());
}

TEST_F(MadeUpProcessesTest, WaitingNamesEveryUserOfEveryImage) {
    add_process(100, "qemu");
    add_descriptor(100, 3, image_, O_RDWR);
    add_descriptor(100, 4, other_, O_RDONLY);
    add_process(101, "qemu-img");
    add_descriptor(101, 3, other_, O_RDONLY);
    put(directory_ / "sys/block/loop7/loop/backing_file", image_ + "\n");
    const Status waited = guard_.wait_until_unused({image_, other_}, std::chrono::milliseconds(0));
    ASSERT_FALSE(waited.has_value());
    EXPECT_EQ(waited.error().code, ErrorCode::TimedOut);
    EXPECT_THAT(waited.error().message,
                AllOf(HasSubstr(image_ + " is open for writing in qemu (pid 100)"),
                      HasSubstr(image_ + " is open for writing in loop device loop7; "),
                      HasSubstr(other_ + " is open in qemu (pid 100)"),
                      HasSubstr(other_ + " is open in qemu-img (pid 101)")));
}

TEST_F(MadeUpProcessesTest, TheSameImageTwiceIsTwoQuestions) {
    add_process(100, "qemu");
    add_descriptor(100, 3, image_, O_RDWR);
    fs::create_hard_link(image_, directory_ / "hard");
    const Status waited =
        guard_.wait_until_unused({image_, directory_ / "hard"}, std::chrono::milliseconds(0));
    ASSERT_FALSE(waited.has_value());
    EXPECT_THAT(waited.error().message, AllOf(HasSubstr(image_), HasSubstr("hard is open")));
}

TEST_F(MadeUpProcessesTest, WithoutProcOrSysNobodyKnows) {
    const auto no_proc = ProcImageUsers(directory_ / "none", directory_ / "sys").of(image_);
    ASSERT_FALSE(no_proc.has_value());
    EXPECT_THAT(no_proc.error().message, HasSubstr("cannot list the processes in"));
    const auto no_sys = ProcImageUsers(proc_, directory_ / "none").of(image_);
    ASSERT_FALSE(no_sys.has_value());
    EXPECT_THAT(no_sys.error().message, HasSubstr("cannot list the loop devices in"));
}

// A process whose files this thread may not see.
class HiddenProcessTest : public MadeUpProcessesTest {
  protected:
    HiddenProcessTest() {
        add_process(100, "hidden");
        ::chmod(in_process(100, "fd").c_str(), 0700);
        // Whoever owns a file may ask for a lease on it.
        EXPECT_EQ(::chown(image_.c_str(), 65534, 65534), 0);
    }
};

TEST_F(HiddenProcessTest, TheKernelSaysThatNobodyHasTheImage) {
    as_nobody([this] { EXPECT_THAT(users_of(image_), ::testing::IsEmpty()); });
}

TEST_F(HiddenProcessTest, TheKernelSaysThatSomebodyHasTheImage) {
    for (const int flags : {O_RDONLY, O_RDWR}) {
        const FileHolder holder(image_, flags);
        as_nobody([this] {
            const auto users = users_of(image_);
            ASSERT_EQ(users.size(), 1U);
            EXPECT_EQ(users[0].pid, 0);
            EXPECT_EQ(users[0].command, "something that may not be looked at");
            EXPECT_TRUE(users[0].writes);
        });
    }
}

TEST_F(HiddenProcessTest, AReaderThatIsSeenHidesNoWriter) {
    add_process(101, "backup");
    add_descriptor(101, 3, image_, O_RDONLY);
    as_nobody([this] {
        const auto readers = users_of(image_);
        ASSERT_EQ(readers.size(), 1U);
        EXPECT_EQ(readers[0].pid, 101);
    });
    const FileHolder writer(image_, O_RDWR);
    as_nobody([this] {
        EXPECT_EQ(users_of(image_).size(), 2U);
        EXPECT_FALSE(guard_.wait_until_unwritten({image_}, std::chrono::milliseconds(0)));
    });
}

TEST_F(HiddenProcessTest, WhereTheKernelDoesNotAnswerNobodyKnows) {
    as_nobody([this] {
        const auto users = guard_.of(other_); // belongs to root
        ASSERT_FALSE(users.has_value());
        EXPECT_THAT(users.error().message,
                    AllOf(HasSubstr("cannot see which files process 100 has open"),
                          HasSubstr("needs root"), HasSubstr("Permission denied")));
        EXPECT_FALSE(guard_.wait_until_unused({other_}, std::chrono::seconds(60)).has_value());
    });
}

TEST_F(HiddenProcessTest, NobodyKnowsWhoHasADevice) {
    const std::string device = directory_ / "device";
    ASSERT_EQ(::mknod(device.c_str(), S_IFBLK | 0600, makedev(259, 1048575)), 0);
    as_nobody([&] {
        const auto users = guard_.of(device);
        ASSERT_FALSE(users.has_value());
        EXPECT_THAT(users.error().message, HasSubstr("process 100"));
    });
}

} // namespace
} // namespace xlsnap::test
