// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/posix/posix_process_runner.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>

#include <fmt/format.h>

#include "adapters/posix/child_process.hpp"

namespace xlsnap {

namespace {

using Clock = std::chrono::steady_clock;

// Moves what the pipe holds at the moment into `text`. A pipe that has ended is not polled again.
Status drain(pollfd &pipe, std::string &text) {
    std::array<char, 16384> buffer{};
    while (pipe.fd >= 0) {
        const ssize_t count = ::read(pipe.fd, buffer.data(), buffer.size());
        if (count < 0 && errno == EAGAIN)
            return {};
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return fail(errno_error(errno, "cannot read its output"));
        if (count == 0)
            pipe.fd = -1;
        text.append(buffer.data(), static_cast<std::size_t>(count));
        if (text.size() > PosixProcessRunner::kMaxOutput)
            return fail(ErrorCode::Fail, fmt::format("killed, since it printed more than {} bytes",
                                                     PosixProcessRunner::kMaxOutput));
    }
    return {};
}

int poll_timeout(Clock::time_point end) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now()).count();
    return static_cast<int>(std::clamp<decltype(left)>(left, 0, std::numeric_limits<int>::max()));
}

// Collects the output until the program ends. The end of the pipes alone says nothing: a program
// may close them early, and its descendants may keep them open for ever.
Status follow(const ChildProcess &child, Clock::time_point end, ProcessOutcome &outcome) {
    std::array<pollfd, 3> watched{pollfd{child.pidfd(), POLLIN, 0},
                                  pollfd{child.output(), POLLIN, 0},
                                  pollfd{child.errors(), POLLIN, 0}};
    auto &[program, output, errors] = watched;
    for (;;) {
        const int ready = ::poll(watched.data(), watched.size(), poll_timeout(end));
        if (ready < 0 && errno == EINTR)
            continue;
        if (ready < 0)
            return fail(errno_error(errno, "cannot wait for it"));
        XLSNAP_TRY(drain(output, outcome.output));
        XLSNAP_TRY(drain(errors, outcome.errors));
        if (program.revents != 0)
            return {};
        if (Clock::now() >= end)
            return fail(ErrorCode::TimedOut, "killed, since it did not end in time");
    }
}

Result<ProcessOutcome> run_to_its_end(const std::vector<std::string> &argv, Clock::time_point end) {
    XLSNAP_ASSIGN(ChildProcess child, ChildProcess::start(argv));
    ProcessOutcome outcome;
    XLSNAP_TRY(follow(child, end, outcome));
    XLSNAP_ASSIGN(outcome.exit_status, child.collect());
    return outcome;
}

} // namespace

Result<ProcessOutcome> PosixProcessRunner::run(const std::vector<std::string> &argv,
                                               std::chrono::milliseconds deadline) {
    return run_to_its_end(argv, Clock::now() + deadline)
        .with_context(argv.empty() ? std::string("run") : argv.front());
}

} // namespace xlsnap
