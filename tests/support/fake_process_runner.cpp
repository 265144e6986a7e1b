// SPDX-License-Identifier: LGPL-2.1-only
#include "support/fake_process_runner.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

namespace xlsnap::test {

FakeProcessRunner::~FakeProcessRunner() {
    for (const Exchange &exchange : script_)
        ADD_FAILURE() << "never run: " << fmt::format("{}", fmt::join(exchange.argv, " "));
}

void FakeProcessRunner::expect(Argv argv, Result<ProcessOutcome> outcome,
                               std::function<void()> effect) {
    script_.push_back({std::move(argv), std::move(outcome), std::move(effect)});
}

Result<ProcessOutcome> FakeProcessRunner::run(const Argv &argv,
                                              std::chrono::milliseconds deadline) {
    calls.push_back(argv);
    deadlines.push_back(deadline);
    if (script_.empty() || script_.front().argv != argv) {
        std::string text = fmt::format("{}", fmt::join(argv, " "));
        ADD_FAILURE() << "unexpected program: " << text << "\nexpected: "
                      << (script_.empty()
                              ? std::string("none")
                              : fmt::format("{}", fmt::join(script_.front().argv, " ")));
        return fail(ErrorCode::Fail, "unexpected program: " + text);
    }
    Exchange exchange = std::move(script_.front());
    script_.pop_front();
    if (exchange.effect)
        exchange.effect();
    return std::move(exchange.outcome);
}

} // namespace xlsnap::test
