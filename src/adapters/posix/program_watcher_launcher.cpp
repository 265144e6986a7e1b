// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/posix/program_watcher_launcher.hpp"

#include <chrono>

#include <fmt/format.h>

namespace xlsnap {

namespace {

// The program only looks the domain up and starts a process.
constexpr std::chrono::seconds kDeadline{30};

} // namespace

Status ProgramWatcherLauncher::launch(DomainId domid) {
    XLSNAP_ASSIGN(ProcessOutcome outcome,
                  runner_.run({program_, "monitor", fmt::format("{}", domid)}, kDeadline));
    while (outcome.errors.ends_with('\n'))
        outcome.errors.pop_back();
    if (outcome.exit_status == 0) {
        if (!outcome.errors.empty())
            log_.warn(outcome.errors);
        return {};
    }
    return fail(ErrorCode::Fail, fmt::format("{} monitor failed with status {}: {}", program_,
                                             outcome.exit_status, outcome.errors));
}

} // namespace xlsnap
