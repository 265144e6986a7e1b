// SPDX-License-Identifier: LGPL-2.1-only
#include "cli/daemon.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

namespace xlsnap::cli {

namespace {

[[noreturn]] void give_up(const std::string &what) {
    throw std::runtime_error("cannot " + what + ": " + std::strerror(errno));
}

int open_above_standard_error(const char *path, int flags) {
    const int fd = ::open(path, flags | O_CLOEXEC, 0644);
    const int above = fd < 0 ? -1 : ::fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    if (above < 0)
        give_up(std::string("open ") + path);
    ::close(fd);
    return above;
}

// The new process is no group leader, as setsid() needs it, and the parent does not end before that
// is done: whoever started the parent may then kill its group.
void fork_into_a_session() {
    const pid_t leader = ::fork();
    if (leader < 0)
        give_up("start a process");
    if (leader > 0) {
        int status = 0;
        while (::waitpid(leader, &status, 0) < 0 && errno == EINTR) {
        }
        ::_exit(WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILURE);
    }
    ::setsid();
    const pid_t daemon = ::fork();
    if (daemon != 0) // the leader of the session: a process without one never gets a terminal
        ::_exit(daemon < 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}

} // namespace

void become_daemon(const std::string &log_path) {
    const int nothing = open_above_standard_error("/dev/null", O_RDONLY);
    const int log = open_above_standard_error(log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND);
    (void)std::fflush(nullptr);
    fork_into_a_session();
    ::dup2(nothing, STDIN_FILENO);
    ::dup2(log, STDOUT_FILENO);
    ::dup2(log, STDERR_FILENO);
    ::close_range(STDERR_FILENO + 1, ~0U, 0);
    (void)::chdir("/");
    ::umask(022);
}

} // namespace xlsnap::cli
