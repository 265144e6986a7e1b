// SPDX-License-Identifier: LGPL-2.1-only
#include "support/file_holder.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <system_error>

#include "base/unique_fd.hpp"

namespace xlsnap::test {

namespace {

// The child's life. Writes one byte, which is zero when the file is open.
[[noreturn]] void hold(const char *path, int flags, int ready) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const char failed = ::open(path, flags | O_CLOEXEC) >= 0 ? 0 : 1;
    if (::write(ready, &failed, 1) != 1 || failed != 0)
        ::_exit(1);
    for (;;)
        ::pause();
}

} // namespace

FileHolder::FileHolder(const std::string &path, int flags) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
        throw std::system_error(errno, std::generic_category(), "pipe2");
    const UniqueFd read_end(ends[0]);
    UniqueFd write_end(ends[1]);
    pid_ = ::fork();
    if (pid_ < 0)
        throw std::system_error(errno, std::generic_category(), "fork");
    if (pid_ == 0)
        hold(path.c_str(), flags, write_end.get());
    write_end.reset();
    char failed = 1;
    if (::read(read_end.get(), &failed, 1) != 1 || failed != 0) {
        leave();
        throw std::runtime_error("the child cannot open " + path);
    }
}

void FileHolder::leave() {
    if (gone_)
        return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    gone_ = true;
}

} // namespace xlsnap::test
