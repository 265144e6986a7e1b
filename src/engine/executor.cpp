// SPDX-License-Identifier: LGPL-2.1-only
#include "engine/executor.hpp"

#include <chrono>

#include <fmt/format.h>

#include "base/guarded.hpp"
#include "core/plan_outline.hpp"

namespace xlsnap {

namespace {

// Undoes steps[0..count), last first; what failed is added to the message.
void undo_steps(const std::vector<Step> &steps, std::size_t count, StepActions &actions,
                Error &error) {
    for (std::size_t i = count; i-- > 0;) {
        if (Status undone = guarded([&] { return actions.undo(steps[i]); }); !undone)
            error.message += fmt::format("; NOT UNDONE: {}", undone.error().message);
    }
    if (actions.started_again())
        error.message += fmt::format("; domain {} was started again from its configuration on its "
                                     "present disks, what it had in memory is lost",
                                     actions.domain().name);
    // Nothing unpauses what did not run before.
    if (actions.started_again() && actions.domain().state != RunState::Running)
        error.message += fmt::format("; it is paused: xl unpause {}", actions.domain().name);
}

Status run_timed(const Step &step, StepActions &actions, Log &log) {
    const auto start = std::chrono::steady_clock::now();
    return guarded([&] {
        Status done = actions.run(step);
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
        log.detail(fmt::format("{}: {:.3f} s", describe(step), took.count()));
        return done;
    });
}

} // namespace

Status execute(const Plan &plan, StepActions &actions, Log &log) {
    for (std::size_t i = 0; i < plan.steps.size(); ++i) {
        Status done = run_timed(plan.steps[i], actions, log);
        if (done)
            continue;
        Error error = with_context(describe(plan.steps[i]), std::move(done.error()));
        undo_steps(plan.steps, i + 1, actions, error);
        return fail(std::move(error));
    }
    return {};
}

Status close(const Plan &plan, StepActions &actions, Log &log) {
    Status result;
    for (const Step &step : plan.closing) {
        Status done = run_timed(step, actions, log);
        if (!done && result)
            result = Status::failure(with_context(describe(step), std::move(done.error())));
    }
    return result;
}

} // namespace xlsnap
