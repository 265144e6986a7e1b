// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/posix/device_users.hpp"

#include <fcntl.h>
#include <linux/loop.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <system_error>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/posix/proc_image_users.hpp"
#include "base/unique_fd.hpp"
#include "support/temporary_directory.hpp"
#include "support/thread_conditions.hpp"

namespace xlsnap::test {
namespace {

namespace fs = std::filesystem;

using ::testing::HasSubstr;

// A /sys made of files, and an empty /proc: nobody but devices can use anything.
class DeviceUsersTest : public ::testing::Test {
  protected:
    DeviceUsersTest() {
        put(image_, std::string(65536, 'x'));
        fs::create_directories(sys_ + "/block");
        fs::create_directories(proc_);
    }

    std::vector<ImageUser> users_of(const std::string &path) {
        auto users = guard_.of(path);
        EXPECT_TRUE(users.has_value()) << users.error().message;
        return users.value_or(std::vector<ImageUser>());
    }

    // A block device node; no device needs to be there.
    [[nodiscard]] std::string node(unsigned major, unsigned minor) const {
        std::string path = directory_ / ("node-" + std::to_string(major));
        EXPECT_EQ(::mknod(path.c_str(), S_IFBLK | 0600, makedev(major, minor)), 0);
        return path;
    }

    TemporaryDirectory directory_;
    std::string image_ = directory_ / "a.raw";
    std::string sys_ = directory_ / "sys";
    std::string proc_ = directory_ / "proc";
    ProcImageUsers guard_{proc_, sys_};
};

TEST_F(DeviceUsersTest, ALoopDeviceUsesItsFile) {
    put(sys_ + "/block/loop7/loop/backing_file", image_ + "\n");
    put(sys_ + "/block/loop7/ro", "0\n");
    const auto users = users_of(image_);
    ASSERT_EQ(users.size(), 1U);
    EXPECT_EQ(users[0].pid, 0);
    EXPECT_EQ(users[0].command, "loop device loop7");
    EXPECT_TRUE(users[0].writes);
}

TEST_F(DeviceUsersTest, AReadOnlyLoopDeviceDoesNotWrite) {
    put(sys_ + "/block/loop7/loop/backing_file", image_ + "\n");
    put(sys_ + "/block/loop7/ro", "1\n");
    ASSERT_EQ(users_of(image_).size(), 1U);
    EXPECT_FALSE(users_of(image_)[0].writes);
}

TEST_F(DeviceUsersTest, OtherLoopDevicesDoNotCount) {
    fs::create_directories(sys_ + "/block/loop0"); // has no file
    put(sys_ + "/block/loop1/loop/backing_file", image_ + " (deleted)\n");
    put(sys_ + "/block/loop2/loop/backing_file", sys_ + "/block/loop2/ro\n");
    put(sys_ + "/block/loop2/ro", "0\n");
    put(sys_ + "/block/sda/loop/backing_file", image_ + "\n");
    EXPECT_THAT(users_of(image_), ::testing::IsEmpty());
}

TEST_F(DeviceUsersTest, XensBlockBackEndUsesItsDevice) {
    const std::string device = node(0xfd, 0x1a);
    put(sys_ + "/bus/xen-backend/devices/vbd-3-51712/physical_device", "fd:1a\n");
    put(sys_ + "/bus/xen-backend/devices/vbd-3-51712/mode", "w\n");
    put(sys_ + "/bus/xen-backend/devices/vbd-4-51712/physical_device", "fd:1a\n");
    put(sys_ + "/bus/xen-backend/devices/vbd-4-51712/mode", "r\n");
    put(sys_ + "/bus/xen-backend/devices/vbd-5-51712/physical_device", "fd:1\n");
    put(sys_ + "/bus/xen-backend/devices/vif-3-0/nodename", "backend/vif/3/0\n");
    auto users = users_of(device);
    std::ranges::sort(users, {}, &ImageUser::command);
    ASSERT_EQ(users.size(), 2U);
    EXPECT_EQ(users[0].command, "block back end vbd-3-51712");
    EXPECT_TRUE(users[0].writes);
    EXPECT_EQ(users[1].command, "block back end vbd-4-51712");
    EXPECT_FALSE(users[1].writes);
}

TEST_F(DeviceUsersTest, ABackEndIsNotMistakenForAUserOfAFile) {
    struct stat status {};
    ASSERT_EQ(::stat(image_.c_str(), &status), 0);
    char device[32];
    std::snprintf(device, sizeof(device), "%x:%x\n", major(status.st_dev), minor(status.st_dev));
    put(sys_ + "/bus/xen-backend/devices/vbd-3-51712/physical_device", device);
    EXPECT_THAT(users_of(image_), ::testing::IsEmpty());
}

TEST_F(DeviceUsersTest, ADeviceThatCannotBeAskedIsAnError) {
    const std::string device = node(0xfff, 0xfffff);
    const auto users = guard_.of(device);
    ASSERT_FALSE(users.has_value());
    EXPECT_THAT(users.error().message, HasSubstr("cannot open " + device));
    put(sys_ + "/bus/xen-backend/devices", "no directory");
    EXPECT_THAT(guard_.of(device).error().message, HasSubstr("cannot list the block back ends"));
}

// A loop device of the machine on the image.
class LoopDevice {
  public:
    LoopDevice(const std::string &file, std::uint32_t flags) {
        const UniqueFd control(::open("/dev/loop-control", O_RDWR | O_CLOEXEC));
        const UniqueFd backing(::open(
            file.c_str(), ((flags & LO_FLAGS_READ_ONLY) != 0 ? O_RDONLY : O_RDWR) | O_CLOEXEC));
        loop_config config{};
        config.fd = static_cast<std::uint32_t>(backing.get());
        config.info.lo_flags = flags;
        for (;;) {
            name_ = "loop" + std::to_string(::ioctl(control.get(), LOOP_CTL_GET_FREE));
            fd_.reset(::open(path().c_str(), O_RDWR | O_CLOEXEC));
            if (fd_.valid() && ::ioctl(fd_.get(), LOOP_CONFIGURE, &config) == 0)
                return;
            // Somebody else has taken the free one (EBUSY), or is giving it back already (ENXIO).
            if (errno != EBUSY && errno != ENXIO)
                throw std::system_error(errno, std::generic_category(), path());
        }
    }
    LoopDevice(const LoopDevice &) = delete;
    LoopDevice &operator=(const LoopDevice &) = delete;
    LoopDevice(LoopDevice &&) = delete;
    LoopDevice &operator=(LoopDevice &&) = delete;
    ~LoopDevice() { ::ioctl(fd_.get(), LOOP_CLR_FD, 0); }

    [[nodiscard]] const std::string &name() const { return name_; }
    [[nodiscard]] std::string path() const { return "/dev/" + name_; }

  private:
    std::string name_;
    UniqueFd fd_;
};

TEST_F(DeviceUsersTest, FindsRealLoopDevicesWhateverTheirFileIsCalledByNow) {
    for (const std::uint32_t flags : {std::uint32_t{0}, std::uint32_t{LO_FLAGS_READ_ONLY}}) {
        const LoopDevice device(image_, flags);
        fs::rename(image_, directory_ / "renamed");
        const auto users = ProcImageUsers(proc_).of(directory_ / "renamed");
        fs::rename(directory_ / "renamed", image_);
        ASSERT_TRUE(users.has_value()) << users.error().message;
        ASSERT_EQ(users->size(), 1U);
        EXPECT_EQ((*users)[0].command, "loop device " + device.name());
        EXPECT_EQ((*users)[0].writes, flags == 0);
    }
}

TEST_F(DeviceUsersTest, FindsRealLoopDevicesWhoseNameOfTheFileWasRemoved) {
    const LoopDevice device(image_, 0);
    fs::create_hard_link(image_, directory_ / "hard");
    fs::remove(image_);
    const auto users = ProcImageUsers(proc_).of(directory_ / "hard");
    ASSERT_TRUE(users.has_value()) << users.error().message;
    ASSERT_EQ(users->size(), 1U);
    EXPECT_EQ((*users)[0].command, "something that may not be looked at");
}

TEST_F(DeviceUsersTest, ADeviceThatTheKernelHasClaimedIsInUse) {
    const LoopDevice device(image_, 0);
    ProcImageUsers guard(proc_);
    const auto before = guard.of(device.path());
    ASSERT_TRUE(before.has_value()) << before.error().message;
    EXPECT_THAT(*before, ::testing::IsEmpty());

    // An exclusive open is what mounting and the device mapper do; this process does not count.
    const UniqueFd claim(::open(device.path().c_str(), O_RDONLY | O_EXCL | O_CLOEXEC));
    ASSERT_TRUE(claim.valid());
    const auto users = guard.of(device.path());
    ASSERT_TRUE(users.has_value()) << users.error().message;
    ASSERT_EQ(users->size(), 1U);
    EXPECT_EQ((*users)[0].pid, 0);
    EXPECT_EQ((*users)[0].command, "the kernel");
    EXPECT_TRUE((*users)[0].writes);
}

TEST_F(DeviceUsersTest, TheKernelKnowsEveryOpenOfAFile) {
    EXPECT_FALSE(is_open_elsewhere(image_).value());
    {
        const UniqueFd reader(::open(image_.c_str(), O_RDONLY | O_CLOEXEC));
        EXPECT_TRUE(is_open_elsewhere(image_).value());
        EXPECT_FALSE(is_written_elsewhere(image_).value());
    }
    {
        const UniqueFd writer(::open(image_.c_str(), O_WRONLY | O_CLOEXEC));
        EXPECT_TRUE(is_open_elsewhere(image_).value());
        EXPECT_TRUE(is_written_elsewhere(image_).value());
    }
    {
        const UniqueFd leaser(::open(image_.c_str(), O_RDONLY | O_CLOEXEC));
        ASSERT_EQ(::fcntl(leaser.get(), F_SETSIG, SIGURG), 0);
        ASSERT_EQ(::fcntl(leaser.get(), F_SETLEASE, F_WRLCK), 0);
        EXPECT_TRUE(is_open_elsewhere(image_).value());
    }
    EXPECT_FALSE(is_open_elsewhere(image_).value());
}

TEST_F(DeviceUsersTest, AskingTheKernelSaysWhenItFails) {
    with_failing({SYS_fcntl}, EINVAL, [this] {
        const auto answer = is_open_elsewhere(image_);
        ASSERT_FALSE(answer.has_value());
        EXPECT_EQ(answer.error().message,
                  "cannot ask the kernel who else has " + image_ + " open: Invalid argument");
    });
    EXPECT_EQ(is_open_elsewhere(directory_ / "missing").error().code, ErrorCode::NotFound);
}

} // namespace
} // namespace xlsnap::test
