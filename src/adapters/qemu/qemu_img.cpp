// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/qemu/qemu_img.hpp"

#include <utility>

#include <fmt/format.h>

#include "base/foreign_text.hpp"

namespace xlsnap {

Result<std::string> run_qemu_img(ProcessRunner &processes,
                                 const std::vector<std::string> &arguments,
                                 const std::string &image, std::chrono::milliseconds deadline) {
    const std::string what = fmt::format("qemu-img {} of {}", arguments.front(), image);
    std::vector<std::string> argv{"qemu-img"};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    Result<ProcessOutcome> ran = processes.run(argv, deadline);
    if (!ran && ran.error().code == ErrorCode::NotFound)
        return fail(std::move(ran.error()));
    XLSNAP_ASSIGN(ProcessOutcome outcome, std::move(ran).with_context(what));
    if (outcome.exit_status != 0)
        return fail(ErrorCode::Fail,
                    fmt::format("{} failed with status {}: {}", what, outcome.exit_status,
                                quote_foreign(outcome.errors)));
    return std::move(outcome.output);
}

} // namespace xlsnap
