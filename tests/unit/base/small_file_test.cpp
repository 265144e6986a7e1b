// SPDX-License-Identifier: LGPL-2.1-only
#include "base/small_file.hpp"

#include <fcntl.h>
#include <sys/syscall.h>

#include <cerrno>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "support/temporary_directory.hpp"
#include "support/thread_conditions.hpp"

namespace xlsnap::test {
namespace {

TEST(SmallFileTest, LosesOneNewlineAtTheEnd) {
    const TemporaryDirectory directory;
    for (const std::string content : {"", "\n", "a", "a\n", "a\n\n", "a\nb"}) {
        std::ofstream(directory / "file") << content;
        const auto text = read_small_file(AT_FDCWD, directory / "file");
        ASSERT_TRUE(text.has_value()) << text.error().message;
        EXPECT_EQ(*text, content.ends_with('\n') ? content.substr(0, content.size() - 1) : content);
    }
}

TEST(SmallFileTest, ReadsFourKibibytesAtMost) {
    const TemporaryDirectory directory;
    std::ofstream(directory / "file") << std::string(10'000, 'x');
    EXPECT_EQ(read_small_file(AT_FDCWD, directory / "file").value()->size(), 4096U);
}

TEST(SmallFileTest, WhatIsGoneIsNothingAndWhatIsHiddenIsAnError) {
    const TemporaryDirectory directory;
    const auto gone = read_small_file(AT_FDCWD, directory / "gone");
    ASSERT_TRUE(gone.has_value());
    EXPECT_EQ(*gone, std::nullopt);
    const auto unreadable = read_small_file(AT_FDCWD, directory.path());
    ASSERT_FALSE(unreadable.has_value());
    EXPECT_EQ(unreadable.error().message, "cannot read " + directory.path() + ": Is a directory");
    with_failing({SYS_openat}, EMFILE, [&directory] {
        EXPECT_FALSE(read_small_file(AT_FDCWD, directory / "gone").has_value());
    });
}

} // namespace
} // namespace xlsnap::test
