// SPDX-License-Identifier: LGPL-2.1-only
#include "support/tool.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "base/unique_fd.hpp"

namespace xlsnap::test {

namespace {

std::string read_all(int fd) {
    std::string text;
    std::array<char, 4096> chunk;
    ssize_t count = 0;
    while ((count = ::read(fd, chunk.data(), chunk.size())) > 0)
        text.append(chunk.data(), static_cast<std::size_t>(count));
    return text;
}

} // namespace

pid_t start_tool(const std::vector<std::string> &argv, int output_fd) {
    std::vector<char *> pointers;
    for (const std::string &argument : argv)
        pointers.push_back(const_cast<char *>(argument.c_str()));
    pointers.push_back(nullptr);

    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (output_fd >= 0) {
        ::posix_spawn_file_actions_adddup2(&actions, output_fd, STDOUT_FILENO);
        ::posix_spawn_file_actions_adddup2(&actions, output_fd, STDERR_FILENO);
    }
    pid_t pid = -1;
    const int failed =
        ::posix_spawnp(&pid, pointers.front(), &actions, nullptr, pointers.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    if (failed != 0)
        throw std::system_error(failed, std::generic_category(), argv.front());
    return pid;
}

ToolOutcome run_tool(const std::vector<std::string> &argv) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
        throw std::system_error(errno, std::generic_category(), "pipe2");
    const UniqueFd read_end(ends[0]);
    UniqueFd write_end(ends[1]);
    const pid_t pid = start_tool(argv, write_end.get());
    write_end.reset();
    ToolOutcome outcome;
    outcome.output = read_all(read_end.get());
    int status = 0;
    if (::waitpid(pid, &status, 0) != pid)
        throw std::system_error(errno, std::generic_category(), "waitpid");
    outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return outcome;
}

std::string must_run(const std::vector<std::string> &argv) {
    ToolOutcome outcome = run_tool(argv);
    if (outcome.status != 0)
        ADD_FAILURE() << fmt::format("{} failed with status {}:\n{}", fmt::join(argv, " "),
                                     outcome.status, outcome.output);
    return std::move(outcome.output);
}

} // namespace xlsnap::test
