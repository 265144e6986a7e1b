// SPDX-License-Identifier: LGPL-2.1-only
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <future>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/libxl/domain_userdata.hpp"
#include "adapters/libxl/userdata_lock.hpp"
#include "base/unique_fd.hpp"
#include "support/temporary_directory.hpp"

namespace xlsnap::test {

namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;

constexpr milliseconds kAtOnce{0};
constexpr milliseconds kLong{60'000};
constexpr milliseconds kPoll{1};

// Another process that holds the lock as libxl does, until it is told to unlock it as libxl does.
class OtherHolder {
  public:
    explicit OtherHolder(const std::string &path) : path_(path) {
        int ready[2];
        int go[2];
        if (::pipe2(ready, O_CLOEXEC) != 0 || ::pipe2(go, O_CLOEXEC) != 0)
            throw std::system_error(errno, std::generic_category(), "pipe2");
        pid_ = ::fork();
        if (pid_ == 0)
            hold(ready[1], go[0]);
        ::close(ready[1]);
        ::close(go[0]);
        char byte = 0;
        locked_ = ::read(ready[0], &byte, 1) == 1;
        ::close(ready[0]);
        go_ = UniqueFd(go[1]);
    }
    OtherHolder(const OtherHolder &) = delete;
    OtherHolder &operator=(const OtherHolder &) = delete;
    OtherHolder(OtherHolder &&) = delete;
    OtherHolder &operator=(OtherHolder &&) = delete;
    ~OtherHolder() { unlock(); }

    [[nodiscard]] bool has_locked() const { return locked_; }

    void unlock() {
        go_.reset();
        if (pid_ > 0)
            ::waitpid(pid_, nullptr, 0);
        pid_ = 0;
    }

  private:
    [[noreturn]] void hold(int ready, int go) {
        const int file = ::open(path_.c_str(), O_RDWR | O_CREAT, 0666);
        char byte = 0;
        if (file < 0 || ::flock(file, LOCK_EX) != 0 || ::write(ready, &byte, 1) != 1)
            ::_exit(1);
        // The other end belongs to the parent alone, and to this process: closed there, it ends.
        ::close(ready);
        for (int fd = 3; fd < 256; ++fd)
            if (fd != go && fd != file)
                ::close(fd);
        while (::read(go, &byte, 1) > 0) {
        }
        ::unlink(path_.c_str());
        ::_exit(0);
    }

    std::string path_;
    pid_t pid_ = 0;
    UniqueFd go_;
    bool locked_ = false;
};

TEST(UserdataLock, KeepsOtherProcessesOutAndTakesItsFileWithIt) {
    const TemporaryDirectory directory;
    const std::string path = directory / "lock";
    {
        const auto lock = UserdataLock::take(path, kAtOnce, kPoll);
        ASSERT_TRUE(lock) << lock.error().message;
        const UniqueFd other(::open(path.c_str(), O_RDWR | O_CLOEXEC));
        EXPECT_NE(::flock(other.get(), LOCK_EX | LOCK_NB), 0);
    }
    EXPECT_FALSE(std::filesystem::exists(path));
    EXPECT_TRUE(UserdataLock::take(path, kAtOnce, kPoll));
}

TEST(UserdataLock, IsFreeThoughAChildHasTheFileOpen) {
    const TemporaryDirectory directory;
    const std::string path = directory / "lock";
    UniqueFd inherited;
    {
        const auto lock = UserdataLock::take(path, kAtOnce, kPoll);
        const std::string own = "/proc/self/fd";
        for (const auto &entry : std::filesystem::directory_iterator(own)) {
            std::error_code gone;
            if (std::filesystem::read_symlink(entry.path(), gone) == path)
                inherited = UniqueFd(::dup(std::stoi(entry.path().filename().string())));
        }
        ASSERT_TRUE(inherited.valid());
    }
    // Of the same open file, which is locked no more.
    const UniqueFd anew(
        ::open(("/proc/self/fd/" + std::to_string(inherited.get())).c_str(), O_RDWR | O_CLOEXEC));
    EXPECT_EQ(::flock(anew.get(), LOCK_EX | LOCK_NB), 0);
}

TEST(UserdataLock, GivesUpWhileAnotherProcessHoldsIt) {
    const TemporaryDirectory directory;
    const std::string path = directory / "lock";
    OtherHolder holder(path);
    ASSERT_TRUE(holder.has_locked());
    const auto lock = UserdataLock::take(path, kAtOnce, kPoll);
    ASSERT_FALSE(lock);
    EXPECT_EQ(lock.error().code, ErrorCode::NotReady);
    EXPECT_THAT(lock.error().message, HasSubstr(path));
    EXPECT_TRUE(std::filesystem::exists(path));
}

TEST(UserdataLock, IsTakenWhenTheOtherProcessHasGoneWithTheFile) {
    const TemporaryDirectory directory;
    const std::string path = directory / "lock";
    OtherHolder holder(path);
    ASSERT_TRUE(holder.has_locked());
    auto waiting =
        std::async(std::launch::async, [&] { return UserdataLock::take(path, kLong, kPoll); });
    holder.unlock();
    const auto lock = waiting.get();
    ASSERT_TRUE(lock) << lock.error().message;
    const UniqueFd named(::open(path.c_str(), O_RDWR | O_CLOEXEC));
    ASSERT_TRUE(named.valid());
    EXPECT_NE(::flock(named.get(), LOCK_EX | LOCK_NB), 0);
}

TEST(UserdataLock, IsNeverHeldOnAFileThatWasReplaced) {
    const TemporaryDirectory directory;
    const std::string path = directory / "lock";
    for (int i = 0; i < 50; ++i) {
        auto other = std::async(std::launch::async, [&] {
            return UserdataLock::take(path, kLong, milliseconds(0)).has_value();
        });
        {
            const auto lock = UserdataLock::take(path, kLong, milliseconds(0));
            ASSERT_TRUE(lock);
            struct stat named {};
            ASSERT_EQ(::stat(path.c_str(), &named), 0) << "somebody else removed it";
        }
        ASSERT_TRUE(other.get());
    }
}

TEST(UserdataLock, FollowsNoLink) {
    const TemporaryDirectory directory;
    std::filesystem::create_symlink(directory / "elsewhere", directory / "lock");
    EXPECT_FALSE(UserdataLock::take(directory / "lock", kAtOnce, kPoll));
    EXPECT_FALSE(std::filesystem::exists(directory / "elsewhere"));
    EXPECT_FALSE(UserdataLock::take(directory / "none/lock", kAtOnce, kPoll));
}

TEST(DomainUserdata, KeepsTheDataOfEachUser) {
    const TemporaryDirectory directory;
    const auto userdata = DomainUserdata::lock(directory.path(), 7, "uuid", kAtOnce, kPoll);
    ASSERT_TRUE(userdata);
    EXPECT_EQ(userdata->read("xl").value(), std::nullopt);
    const std::string data(200'000, '\0');
    ASSERT_TRUE(userdata->write("xl", data));
    ASSERT_TRUE(userdata->write("other", "y"));
    EXPECT_EQ(userdata->read("xl").value(), data);
    EXPECT_TRUE(std::filesystem::exists(directory / "userdata-d.7.uuid.xl"));
    ASSERT_TRUE(userdata->remove("xl"));
    ASSERT_TRUE(userdata->remove("xl"));
    EXPECT_EQ(userdata->read("xl").value(), std::nullopt);
    EXPECT_EQ(userdata->read("other").value(), "y");
}

TEST(DomainUserdata, RefusesAFileThatIsTooLargeToBeOne) {
    const TemporaryDirectory directory;
    const auto userdata = DomainUserdata::lock(directory.path(), 7, "uuid", kAtOnce, kPoll);
    put(directory / "userdata-d.7.uuid.xl", "");
    std::filesystem::resize_file(directory / "userdata-d.7.uuid.xl", (16U << 20U) + 1);
    EXPECT_EQ(userdata->read("xl").error().code, ErrorCode::Invalid);
}

TEST(DomainUserdata, NeedsTheDirectoryOfLibxl) {
    EXPECT_EQ(DomainUserdata::lock("/nowhere", 7, "uuid", kAtOnce, kPoll).error().code,
              ErrorCode::NotFound);
}

} // namespace

} // namespace xlsnap::test
