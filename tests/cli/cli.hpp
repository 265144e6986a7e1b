// SPDX-License-Identifier: LGPL-2.1-only
//
// Runs the built xlsnap with fake_xlsnap_preload.so in front of its libraries, to look at what it
// prints, how it exits, and which calls of the C API it makes.
#pragma once

#include <chrono>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/posix/posix_process_runner.hpp"
#include "support/temporary_directory.hpp"

namespace xlsnap {

using Words = std::vector<std::string>;

constexpr int kSuccess = 0;
constexpr int kFailure = 1;
constexpr int kUsageError = 2;

class Cli : public testing::Test {
  protected:
    // What the fake library is told for the following runs: "FAKE_RC=-3".
    void let_fake(std::string setting) { settings_.push_back(std::move(setting)); }

    // The whole command of a run.
    [[nodiscard]] Words command(const Words &arguments) const {
        Words argv = {"env", "LD_PRELOAD=" FAKE_XLSNAP_PRELOAD, "FAKE_CALLS=" + calls_};
        argv.insert(argv.end(), settings_.begin(), settings_.end());
        argv.emplace_back(XLSNAP_PROGRAM);
        argv.insert(argv.end(), arguments.begin(), arguments.end());
        return argv;
    }

    ProcessOutcome run(const Words &arguments) {
        PosixProcessRunner runner;
        auto outcome = runner.run(command(arguments), std::chrono::seconds(60));
        if (!outcome) {
            ADD_FAILURE() << outcome.error().message;
            return {};
        }
        return *outcome;
    }

    // The calls of the snapshot functions so far, a line each.
    [[nodiscard]] std::string calls() const {
        std::ifstream file(calls_);
        return {std::istreambuf_iterator<char>(file), {}};
    }

    // The only call of a run that succeeds.
    std::string call_of(const Words &arguments) {
        const std::string before = calls();
        const ProcessOutcome outcome = run(arguments);
        EXPECT_EQ(outcome.exit_status, kSuccess) << outcome.errors;
        return calls().substr(before.size());
    }

    // The path of a file with this content.
    std::string file(const std::string &name, const std::string &content) {
        std::ofstream(directory_ / name) << content;
        return directory_ / name;
    }

    template <typename Condition> static bool wait_for(Condition condition) {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
        while (!condition() && std::chrono::steady_clock::now() < deadline)
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        return condition();
    }

    test::TemporaryDirectory directory_;

  private:
    std::string calls_ = directory_ / "calls";
    Words settings_;
};

} // namespace xlsnap
