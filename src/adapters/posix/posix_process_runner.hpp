// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include "ports/process_runner.hpp"

namespace xlsnap {

// Runs programs as children of this process. Safe to call from several threads at once. Processes
// that a program leaves running in its process group end with it.
class PosixProcessRunner final : public ProcessRunner {
  public:
    // What is kept of each of the two streams; a program that prints more is killed.
    static constexpr std::size_t kMaxOutput = std::size_t{1} << 20;

    Result<ProcessOutcome> run(const std::vector<std::string> &argv,
                               std::chrono::milliseconds deadline) override;
};

} // namespace xlsnap
