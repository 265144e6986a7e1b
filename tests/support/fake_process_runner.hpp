// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "ports/process_runner.hpp"

namespace xlsnap::test {

// Plays the programs that a script lists, in this order, each with the exact argv. A call that is
// not the next of the script, and a script that is not played to its end, fail the test.
class FakeProcessRunner final : public ProcessRunner {
  public:
    using Argv = std::vector<std::string>;

    FakeProcessRunner() = default;
    FakeProcessRunner(const FakeProcessRunner &) = delete;
    FakeProcessRunner &operator=(const FakeProcessRunner &) = delete;
    FakeProcessRunner(FakeProcessRunner &&) = delete;
    FakeProcessRunner &operator=(FakeProcessRunner &&) = delete;
    ~FakeProcessRunner() override;

    // Adds one program to the script; the effect, if any, happens while it "runs".
    void expect(Argv argv, Result<ProcessOutcome> outcome, std::function<void()> effect = {});

    Result<ProcessOutcome> run(const Argv &argv, std::chrono::milliseconds deadline) override;

    std::vector<Argv> calls;
    std::vector<std::chrono::milliseconds> deadlines; // one for each of the calls

  private:
    struct Exchange {
        Argv argv;
        Result<ProcessOutcome> outcome;
        std::function<void()> effect;
    };

    std::deque<Exchange> script_;
};

} // namespace xlsnap::test
