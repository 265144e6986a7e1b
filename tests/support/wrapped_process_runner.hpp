// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "ports/process_runner.hpp"

namespace xlsnap::test {

// Runs each program behind others, such as strace, after something has happened.
class WrappedProcessRunner final : public ProcessRunner {
  public:
    explicit WrappedProcessRunner(ProcessRunner &inner) : inner_(inner) {}

    std::vector<std::string> wrapper;
    std::function<void()> before;

    Result<ProcessOutcome> run(const std::vector<std::string> &argv,
                               std::chrono::milliseconds deadline) override {
        if (before)
            before();
        std::vector<std::string> wrapped = wrapper;
        wrapped.insert(wrapped.end(), argv.begin(), argv.end());
        return inner_.run(wrapped, deadline);
    }

  private:
    ProcessRunner &inner_;
};

} // namespace xlsnap::test
