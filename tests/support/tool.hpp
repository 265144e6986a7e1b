// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace xlsnap::test {

struct ToolOutcome {
    int status = 0;     // exit status, or 128 + signal
    std::string output; // standard output and error
};

// Starts a program of the machine found on PATH, with standard output and error going to
// `output_fd`
// (-1: where ours go). Throws when there is no such program. The tests judge our code by tools that
// are not ours, so this shares nothing with src/.
[[nodiscard]] pid_t start_tool(const std::vector<std::string> &argv, int output_fd = -1);

// Runs a program to its end.
ToolOutcome run_tool(const std::vector<std::string> &argv);

// The same; a failing program fails the test. Returns what it printed.
std::string must_run(const std::vector<std::string> &argv);

} // namespace xlsnap::test
