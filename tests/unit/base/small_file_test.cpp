// SPDX-License-Identifier: LGPL-2.1-only
#include "base/small_file.hpp"

#include <fcntl.h>
#include <sys/syscall.h>

#include <cerrno>
#include <fstream>
#include <set>

#include <gtest/gtest.h>

#include "adapters/posix/directory_entries.hpp"
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

TEST(DirectoryEntriesTest, ListsEveryNameButTheDots) {
    const TemporaryDirectory directory;
    for (const char *name : {"a", ".hidden", "..."})
        std::ofstream(directory / name) << "";
    auto entries = DirectoryEntries::open(AT_FDCWD, directory.path().c_str());
    ASSERT_TRUE(entries.has_value());
    std::set<std::string> names;
    while (const char *name = entries->next())
        names.insert(name);
    EXPECT_EQ(names, (std::set<std::string>{"a", ".hidden", "..."}));
}

TEST(DirectoryEntriesTest, SaysWhyItCannotBeOpened) {
    EXPECT_FALSE(DirectoryEntries::open(AT_FDCWD, "/no/such/directory").has_value());
    EXPECT_EQ(errno, ENOENT);
    EXPECT_FALSE(DirectoryEntries::open(AT_FDCWD, "/dev/null").has_value());
    EXPECT_EQ(errno, ENOTDIR);
}

} // namespace
} // namespace xlsnap::test
