// SPDX-License-Identifier: LGPL-2.1-only
// Somebody acts between two system calls of ours: openat() is replaced at link time, by one that
// first lets him act.
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdarg>
#include <filesystem>
#include <fstream>
#include <functional>
#include <utility>

#include <gtest/gtest.h>

#include "base/durable_directory.hpp"
#include "support/temporary_directory.hpp"

namespace {

std::function<void()> &before_next_openat() {
    static std::function<void()> act;
    return act;
}

} // namespace

extern "C" int openat(int directory, const char *path, int flags, ...) {
    if (const auto act = std::exchange(before_next_openat(), nullptr))
        act();
    va_list arguments;
    va_start(arguments, flags);
    const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    return static_cast<int>(::syscall(SYS_openat, directory, path, flags, mode));
}

namespace xlsnap::test {
namespace {

TEST(ReplacedFile, ALinkThatTakesTheFilesPlaceWhileItIsOpenedIsNotFollowed) {
    const TemporaryDirectory scratch;
    for (const char *name : {"file", "other"})
        std::ofstream(scratch / name) << name;
    const auto directory = DurableDirectory::open(scratch.path());
    ASSERT_TRUE(directory.has_value());
    bool replaced = false;
    before_next_openat() = [&] {
        std::filesystem::remove(scratch / "file");
        std::filesystem::create_symlink("other", scratch / "file");
        replaced = true;
    };
    const auto file = directory->open_file("file");
    EXPECT_TRUE(replaced);
    ASSERT_FALSE(file.has_value());
    EXPECT_EQ(file.error().message,
              "cannot open " + (scratch / "file") + ": Too many levels of symbolic links");
}

} // namespace
} // namespace xlsnap::test
