// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace xlsnap {

struct ProcessOutcome {
    int exit_status = 0; // 128 + signal when a signal ended it
    std::string output;  // standard output, bounded
    std::string errors;  // standard error, bounded
};

// Runs one program to its end: argv only, no shell, a clean environment (PATH and LC_ALL=C),
// standard input from /dev/null.
class ProcessRunner {
  public:
    virtual ~ProcessRunner() = default;

    // An Error means that the program could not be started, had to be killed at the deadline, or
    // printed more than is kept; a failing program is a value with its exit status.
    virtual Result<ProcessOutcome> run(const std::vector<std::string> &argv,
                                       std::chrono::milliseconds deadline) = 0;
};

} // namespace xlsnap
