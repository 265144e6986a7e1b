// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "core/block_job.hpp"
#include "core/domain.hpp"
#include "engine/ports.hpp"
#include "engine/waiting.hpp"

namespace xlsnap {

// Block jobs of the QEMU that serves a domain's disks, watched from their start to their end, by a
// session for each look: QEMU's socket is free in between.
class BlockJobs {
  public:
    BlockJobs(const Ports &ports, Waiting wait) : ports_(ports), wait_(std::move(wait)) {}

    // Ends what a process that died has left behind. NotReady when it does not end.
    Status clear(const Domain &domain);

    // Starts the job and returns when it is Ready, or when the guest has written for a minute as
    // fast as the job copies: then it will not be before the guest stands still. After a failure
    // there is no such job any more, and the chain is what it was; or QEMU is lost, which the
    // message says. A job without progress for ten minutes counts as failed.
    Status start(const Domain &domain, const ChainJob &job);

    // Waits until a job that was started is Ready; the guest stands still. A failure as of start().
    Status await_ready(const Domain &domain, const ChainJob &job);

    // Ends a job that is not to change the chain, as far as QEMU can be told.
    void abandon(const Domain &domain, const ChainJob &job);

    // Lets a job that is Ready change the chain. Success: it has. Fail and whatever QEMU says: it
    // has not, and there is no job any more. TimedOut: nobody can tell, since QEMU is lost.
    Status finish(const Domain &domain, const ChainJob &job);

  private:
    using Act = std::function<Status(LiveDisksSession &)>;

    Status in_session(const Domain &domain, const Act &act);
    Result<std::optional<BlockJob>> look(const Domain &domain, const std::string &id);
    Result<std::optional<BlockJob>>
    wait_for(const Domain &domain, const std::string &id, JobState wanted,
             std::chrono::milliseconds longest_race = std::chrono::milliseconds::max());
    Status expect_ready(const Domain &domain, const ChainJob &job,
                        const Result<std::optional<BlockJob>> &seen);
    void tell_progress(const std::string &id, const BlockJob &job);
    Status conclude(const Domain &domain, const ChainJob &job);

    Ports ports_;
    Waiting wait_;
};

} // namespace xlsnap
