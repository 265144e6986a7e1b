// SPDX-License-Identifier: LGPL-2.1-only
#include "base/durable_directory.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/temporary_directory.hpp"
#include "support/thread_conditions.hpp"

namespace xlsnap::test {
namespace {

using ::testing::HasSubstr;

class DurableDirectoryTest : public ::testing::Test {
  protected:
    void put(const std::string &name, const std::string &content) const {
        std::ofstream(scratch_ / name) << content;
    }
    [[nodiscard]] std::string get(const std::string &name) const {
        std::ifstream file(scratch_ / name);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    [[nodiscard]] bool there_is(const std::string &name) const {
        return std::filesystem::exists(std::filesystem::symlink_status(scratch_ / name));
    }

    TemporaryDirectory scratch_;
    DurableDirectory directory_ = std::move(*DurableDirectory::open(scratch_.path()));
};

TEST_F(DurableDirectoryTest, OpensDirectoriesOnly) {
    put("file", "");
    const auto file = DurableDirectory::open(scratch_ / "file");
    ASSERT_FALSE(file.has_value());
    EXPECT_EQ(file.error().message,
              "cannot open the directory " + (scratch_ / "file") + ": Not a directory");
    const auto nothing = DurableDirectory::open(scratch_ / "nothing");
    ASSERT_FALSE(nothing.has_value());
    EXPECT_EQ(nothing.error().code, ErrorCode::NotFound);
}

TEST_F(DurableDirectoryTest, NamesPathsInMessages) {
    EXPECT_EQ(directory_.path_of("x"), scratch_ / "x");
    const auto root = DurableDirectory::open("/");
    ASSERT_TRUE(root.has_value());
    EXPECT_EQ(root->path_of("x"), "/x");
}

TEST_F(DurableDirectoryTest, NewFilesBelongToTheirOwnerAlone) {
    for (const mode_t mask : {mode_t{0}, mode_t{0777}}) {
        const mode_t before = ::umask(mask);
        const std::string name = "file" + std::to_string(mask);
        const auto fd = directory_.create_file(name);
        ::umask(before);
        ASSERT_TRUE(fd.has_value()) << fd.error().message;
        struct stat status {};
        ASSERT_EQ(::fstat(fd->get(), &status), 0);
        EXPECT_EQ(status.st_mode & 07777U, 0600U);
        EXPECT_NE(::fcntl(fd->get(), F_GETFD) & FD_CLOEXEC, 0);
    }
}

TEST_F(DurableDirectoryTest, CreatingNeverUsesWhatIsThere) {
    put("file", "old");
    std::filesystem::create_symlink(scratch_ / "elsewhere", scratch_ / "dangling");
    for (const char *name : {"file", "dangling"}) {
        const auto fd = directory_.create_file(name);
        ASSERT_FALSE(fd.has_value());
        EXPECT_EQ(fd.error().message, "cannot create " + (scratch_ / name) + ": File exists");
    }
    EXPECT_EQ(get("file"), "old");
    EXPECT_FALSE(there_is("elsewhere"));
}

TEST_F(DurableDirectoryTest, AFileThatCannotBeProtectedIsNotKept) {
    with_failing({SYS_fchmod}, EPERM, [this] {
        const auto fd = directory_.create_file("file");
        ASSERT_FALSE(fd.has_value());
        EXPECT_THAT(fd.error().message, HasSubstr("cannot protect"));
    });
    EXPECT_FALSE(there_is("file"));
}

TEST_F(DurableDirectoryTest, OpensRegularFilesOnlyAndDoesNotWait) {
    put("file", "content");
    std::filesystem::create_symlink("file", scratch_ / "link");
    std::filesystem::create_directory(scratch_ / "directory");
    ASSERT_EQ(::mkfifo((scratch_ / "fifo").c_str(), 0600), 0);
    const UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{AF_UNIX, {}};
    (scratch_ / "socket").copy(static_cast<char *>(address.sun_path), sizeof(address.sun_path) - 1);
    ASSERT_EQ(::bind(socket.get(), reinterpret_cast<sockaddr *>(&address), sizeof(address)), 0);

    const auto file = directory_.open_file("file");
    ASSERT_TRUE(file.has_value()) << file.error().message;
    EXPECT_EQ(::fcntl(file->get(), F_GETFL) & (O_NONBLOCK | O_ACCMODE), O_RDONLY);

    const auto link = directory_.open_file("link");
    ASSERT_FALSE(link.has_value());
    EXPECT_EQ(link.error().code, ErrorCode::Invalid);
    EXPECT_EQ(link.error().message,
              (scratch_ / "link") + " is a symbolic link; give the path of the file itself");
    for (const char *name : {"directory", "fifo", "socket"}) {
        const auto other = directory_.open_file(name);
        ASSERT_FALSE(other.has_value());
        EXPECT_EQ(other.error().code, ErrorCode::Invalid);
        EXPECT_EQ(other.error().message,
                  (scratch_ / name) + " is not a regular file; give the path of one");
    }
    const auto nothing = directory_.open_file("nothing");
    ASSERT_FALSE(nothing.has_value());
    EXPECT_EQ(nothing.error().code, ErrorCode::NotFound);
}

TEST_F(DurableDirectoryTest, ExistingIsWhateverHasTheName) {
    put("file", "");
    std::filesystem::create_symlink("nowhere", scratch_ / "dangling");
    EXPECT_TRUE(*directory_.exists("file"));
    EXPECT_TRUE(*directory_.exists("dangling"));
    EXPECT_FALSE(*directory_.exists("nothing"));
    const auto too_long = directory_.exists(std::string(256, 'x'));
    ASSERT_FALSE(too_long.has_value());
    EXPECT_THAT(too_long.error().message, HasSubstr("File name too long"));
}

// Both ways of renaming keep the same promises.
class RenameToFreeNameTest : public DurableDirectoryTest,
                             public ::testing::WithParamInterface<int> {
  protected:
    // Runs the body with the kernel's own way, or where that says that it is not known.
    static void either_way(const std::function<void()> &body) {
        if (GetParam() == 0)
            body();
        else
            with_failing({SYS_renameat2}, GetParam(), body);
    }
};

INSTANTIATE_TEST_SUITE_P(Ways, RenameToFreeNameTest, ::testing::Values(0, EINVAL, ENOSYS),
                         [](const auto &way) {
                             return way.param == 0        ? "kernel"
                                    : way.param == EINVAL ? "file_system_without"
                                                          : "kernel_without";
                         });

TEST_P(RenameToFreeNameTest, MovesTheFile) {
    put("from", "content");
    either_way([this] { EXPECT_TRUE(directory_.rename_to_free_name("from", "to").has_value()); });
    EXPECT_EQ(get("to"), "content");
    EXPECT_FALSE(there_is("from"));
}

TEST_P(RenameToFreeNameTest, NeverReplacesAnything) {
    put("from", "new");
    put("to", "old");
    std::filesystem::create_symlink("nowhere", scratch_ / "dangling");
    either_way([this] {
        for (const char *taken : {"to", "dangling"}) {
            const Status status = directory_.rename_to_free_name("from", taken);
            ASSERT_FALSE(status.has_value());
            EXPECT_EQ(status.error().message, "cannot rename " + (scratch_ / "from") + " to " +
                                                  (scratch_ / taken) + ": File exists");
        }
    });
    EXPECT_EQ(get("to"), "old");
    EXPECT_EQ(get("from"), "new");
    EXPECT_FALSE(there_is("nowhere"));
}

TEST_F(DurableDirectoryTest, SaysWhenAFileKeepsItsOldNameBesideTheNewOne) {
    put("from", "content");
    with_failing({SYS_renameat2}, EINVAL, [this] {
        with_failing({SYS_unlinkat}, EPERM, [this] {
            const Status status = directory_.rename_to_free_name("from", "to");
            ASSERT_FALSE(status.has_value());
            EXPECT_EQ(status.error().message,
                      "cannot remove " + (scratch_ / "from") + ": Operation not permitted");
        });
    });
    EXPECT_EQ(get("from"), "content");
}

TEST_F(DurableDirectoryTest, RemovesWhatItIsToldTo) {
    put("file", "");
    EXPECT_TRUE(directory_.remove("file").has_value());
    EXPECT_FALSE(there_is("file"));
    const Status again = directory_.remove("file");
    ASSERT_FALSE(again.has_value());
    EXPECT_EQ(again.error().code, ErrorCode::NotFound);
    EXPECT_EQ(again.error().message,
              "cannot remove " + (scratch_ / "file") + ": No such file or directory");
}

TEST_F(DurableDirectoryTest, SyncingSaysWhenItFails) {
    EXPECT_TRUE(directory_.sync().has_value());
    with_failing({SYS_fsync}, EIO, [this] {
        const Status status = directory_.sync();
        ASSERT_FALSE(status.has_value());
        EXPECT_EQ(status.error().message,
                  "cannot write " + scratch_.path() + " to the disk: Input/output error");
    });
    const UniqueFd nothing;
    EXPECT_FALSE(sync_file(nothing.get(), "x").has_value());
}

TEST_F(DurableDirectoryTest, StaysInTheDirectoryThatWasOpened) {
    std::filesystem::create_directory(scratch_ / "first");
    const auto first = DurableDirectory::open(scratch_ / "first");
    ASSERT_TRUE(first.has_value());
    std::filesystem::rename(scratch_ / "first", scratch_ / "moved");
    std::filesystem::create_directory(scratch_ / "first");
    ASSERT_TRUE(first->create_file("file").has_value());
    EXPECT_TRUE(there_is("moved/file"));
    EXPECT_FALSE(there_is("first/file"));
}

TEST(FreeSpace, IsWhatTheFileSystemLeavesToUs) {
    struct statvfs status {};
    status.f_frsize = 4096;
    status.f_blocks = 10;
    status.f_bfree = 5;
    status.f_bavail = 3;
    EXPECT_EQ(free_space_of(status), 3U * 4096U);
    status.f_bfree = status.f_bavail = 0;
    EXPECT_EQ(free_space_of(status), 0U) << "it is full";
}

TEST(FreeSpace, HasNoLimitThatIsKnownWhereAFileSystemTellsNoSize) {
    struct statvfs status {};
    status.f_frsize = 4096;
    EXPECT_EQ(free_space_of(status), UINT64_MAX);
}

} // namespace
} // namespace xlsnap::test
