// SPDX-License-Identifier: LGPL-2.1-only
#include "support/small_file_system.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/unique_fd.hpp"
#include "support/tool.hpp"

namespace xlsnap::test {

SmallFileSystem::SmallFileSystem(unsigned mebibytes) {
    const std::string image = scratch_ / "image";
    std::filesystem::create_directory(path());
    must_run({"truncate", "-s", fmt::format("{}M", mebibytes), image});
    // No journal and nothing for root alone: what is said to be free is.
    must_run({"mkfs.ext4", "-q", "-m", "0", "-O", "^has_journal", image});
    must_run({"mount", "-o", "loop", image, path()});
}

SmallFileSystem::~SmallFileSystem() {
    // Lazily: nothing that a test has left open keeps it mounted.
    if (::umount2(path().c_str(), MNT_DETACH) != 0)
        ADD_FAILURE() << "cannot unmount " << path();
}

void SmallFileSystem::leave_free(std::uint64_t bytes) const {
    free_all();
    struct statvfs status {};
    ASSERT_EQ(::statvfs(path().c_str(), &status), 0);
    const std::uint64_t free = status.f_bavail * status.f_frsize;
    const UniqueFd fd(::open((*this / "filling").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    ASSERT_GT(free, bytes);
    ASSERT_EQ(::fallocate(fd.get(), 0, 0, static_cast<off_t>(free - bytes)), 0);
}

void SmallFileSystem::free_all() const {
    std::filesystem::remove(*this / "filling");
}

} // namespace xlsnap::test
