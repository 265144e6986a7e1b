// SPDX-License-Identifier: LGPL-2.1-only
#include "integration/model/tools.hpp"

#include <sys/wait.h>

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "support/tool.hpp"

namespace xlsnap::test {

namespace {

// Enough to keep a few CPUs busy.
constexpr std::size_t kSideBySide = 4;

bool ends_well(pid_t pid) {
    int status = 0;
    return ::waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

} // namespace

std::string run_all(const std::vector<std::vector<std::string>> &argvs) {
    std::string failed;
    std::vector<pid_t> pids;
    const auto end_next = [&](std::size_t index) {
        if (!ends_well(pids[index]))
            failed += fmt::format("failed: {}\n", fmt::join(argvs[index], " "));
    };
    for (std::size_t i = 0; i < argvs.size(); ++i) {
        if (i >= kSideBySide)
            end_next(i - kSideBySide);
        pids.push_back(start_tool(argvs[i]));
    }
    for (std::size_t i = argvs.size() - std::min(argvs.size(), kSideBySide); i < argvs.size(); ++i)
        end_next(i);
    return failed;
}

bool succeeds(const std::vector<std::string> &argv) {
    return run_tool(argv).status == 0;
}

} // namespace xlsnap::test
