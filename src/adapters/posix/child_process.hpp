// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace xlsnap {

// One running program in a process group of its own. Destroying it kills the group and collects
// the program's exit status, so that neither a process nor a zombie stays behind.
class ChildProcess {
  public:
    // Starts argv[0], looked up in kProgramPath when it has no slash. The child gets /dev/null as
    // standard input, two pipes as standard output and error, no other open file, the environment
    // PATH and LC_ALL=C, and default signal handling.
    static Result<ChildProcess> start(const std::vector<std::string> &argv);

    static constexpr const char *kProgramPath = "/usr/sbin:/usr/bin:/sbin:/bin";

    ChildProcess(ChildProcess &&other) noexcept;
    ChildProcess &operator=(ChildProcess &&other) = delete;
    ChildProcess(const ChildProcess &) = delete;
    ChildProcess &operator=(const ChildProcess &) = delete;
    ~ChildProcess();

    // Readable when the program has ended.
    [[nodiscard]] int pidfd() const { return pidfd_.get(); }
    // Non-blocking read ends of the program's standard output and error.
    [[nodiscard]] int output() const { return output_.get(); }
    [[nodiscard]] int errors() const { return errors_.get(); }

    // Kills whatever still runs in the group, then waits for the program for at most kKillPatience:
    // even SIGKILL does not end a process that is stuck inside the kernel.
    void kill();

    // To be called once the program has ended: kills what it left running in its group and
    // returns its exit status, 128 + signal when a signal ended it. An error when something else
    // in this process has collected the status already, as a libxl that owns SIGCHLD may do.
    Result<int> collect();

  private:
    static constexpr std::chrono::seconds kKillPatience{5};

    ChildProcess(pid_t pid, UniqueFd pidfd, UniqueFd output, UniqueFd errors);

    void signal_group() const;
    [[nodiscard]] bool uncollected() const;

    pid_t pid_;
    UniqueFd pidfd_;
    UniqueFd output_;
    UniqueFd errors_;
    bool collected_ = false;
};

} // namespace xlsnap
