// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/posix/directory_entries.hpp"

#include <fcntl.h>

#include <cerrno>
#include <fstream>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "support/temporary_directory.hpp"

namespace xlsnap::test {
namespace {

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
