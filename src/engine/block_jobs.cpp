// SPDX-License-Identifier: LGPL-2.1-only
#include "engine/block_jobs.hpp"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace xlsnap {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFirstWait{10};
constexpr milliseconds kLongestWait{1000};
// Storage that does not move a byte for so long is broken.
constexpr milliseconds kMostWithoutProgress = std::chrono::minutes(10);
// How long what is left to copy may not become less than it was, while bytes move.
constexpr milliseconds kLongestRace = std::chrono::minutes(1);
// Looks in a row that fail before QEMU counts as lost; each has a deadline of its own.
constexpr int kMostFailures = 5;
// So does what takes a job off QEMU's list, which can be repeated.
constexpr int kMostAttempts = 3;

Error lost(const Domain &domain, const std::string &id, const Error &reason) {
    return {ErrorCode::TimedOut,
            fmt::format("QEMU of domain {} does not answer while its block job {} moves data: {}; "
                        "the images are still good, the overlay above all: when QEMU answers "
                        "again, or the domain was destroyed, delete again",
                        domain.name, id, reason.message)};
}

const BlockJob *find_listed_job(const std::vector<BlockJob> &jobs, const std::string &id) {
    const auto found = std::ranges::find(jobs, id, &BlockJob::id);
    return found == jobs.end() ? nullptr : &*found;
}

bool has_moved(const BlockJob &before, const BlockJob &now) {
    return before.done != now.done || before.total != now.total || before.state != now.state;
}

bool is_going_on(const Result<std::optional<BlockJob>> &seen) {
    return seen && *seen &&
           ((*seen)->state == JobState::Running || (*seen)->state == JobState::Paused);
}

} // namespace

Status BlockJobs::in_session(const Domain &domain, const Act &act) {
    XLSNAP_ASSIGN(const std::unique_ptr<LiveDisksSession> session,
                  ports_.live_disks.open(domain.domid));
    return act(*session);
}

// Nothing: QEMU does not list it.
Result<std::optional<BlockJob>> BlockJobs::look(const Domain &domain, const std::string &id) {
    std::optional<BlockJob> found;
    XLSNAP_TRY(in_session(domain, [&](LiveDisksSession &session) -> Status {
        XLSNAP_ASSIGN(const std::vector<BlockJob> jobs, session.jobs());
        if (const BlockJob *job = find_listed_job(jobs, id))
            found = *job;
        return {};
    }));
    return found;
}

void BlockJobs::tell_progress(const std::string &id, const BlockJob &job) {
    ports_.log.detail(fmt::format("block job {}: {} of {} bytes", id, job.done, job.total));
}

// Returns when the job is in this state, has concluded, or is not listed; or as it is when the
// guest has kept up with it for `longest_race`.
Result<std::optional<BlockJob>> BlockJobs::wait_for(const Domain &domain, const std::string &id,
                                                    JobState wanted, milliseconds longest_race) {
    milliseconds wait = kFirstWait;
    milliseconds idle{0};
    milliseconds race{0};
    std::uint64_t least_left = UINT64_MAX;
    BlockJob last;
    int failures = 0;
    for (;;) {
        Result<std::optional<BlockJob>> job = look(domain, id);
        failures = job ? 0 : failures + 1;
        if (failures >= kMostFailures)
            return fail(lost(domain, id, job.error()));
        if (job && (!*job || (*job)->state == wanted || (*job)->state == JobState::Concluded))
            return job;
        if (job && has_moved(last, **job)) {
            tell_progress(id, **job);
            last = **job;
            idle = milliseconds{0};
        }
        if (job && (*job)->total - (*job)->done < least_left) {
            least_left = (*job)->total - (*job)->done;
            race = milliseconds{0};
        }
        if (job && race >= longest_race && idle < race)
            return job;
        if (idle >= kMostWithoutProgress)
            return fail(
                ErrorCode::Fail,
                fmt::format("the block job {} of domain {} has not moved a byte for {} "
                            "minutes; look at the storage, and delete again",
                            id, domain.name,
                            std::chrono::duration_cast<std::chrono::minutes>(idle).count()));
        if (!job)
            wait = kLongestWait;
        wait_(wait);
        idle += wait;
        race += wait;
        wait = std::min(wait * 2, kLongestWait);
    }
}

Status BlockJobs::conclude(const Domain &domain, const ChainJob &job) {
    Status concluded;
    for (int attempt = 0; attempt < kMostAttempts; ++attempt) {
        concluded = in_session(
            domain, [&](LiveDisksSession &session) { return session.conclude_job(job); });
        // Of an active node QEMU may have closed nothing: then that it is not listed says little.
        if (concluded || (concluded.error().code == ErrorCode::NotFound && job.top != job.active))
            return concluded;
        // Said by QEMU of the job itself: it is off the list.
        const Result<std::optional<BlockJob>> left = look(domain, job.id);
        if (left && !*left && concluded.error().code == ErrorCode::Fail)
            return concluded;
        wait_(kLongestWait);
    }
    return fail(lost(domain, job.id, concluded.error()));
}

// Whatever comes of this, the failure that led here is what counts.
void BlockJobs::abandon(const Domain &domain, const ChainJob &job) {
    const Result<std::optional<BlockJob>> listed = look(domain, job.id);
    if (listed && !*listed)
        return;
    static_cast<void>(
        in_session(domain, [&](LiveDisksSession &session) { return session.cancel_job(job.id); }));
    if (wait_for(domain, job.id, JobState::Concluded))
        static_cast<void>(conclude(domain, job));
}

Status BlockJobs::clear(const Domain &domain) {
    std::vector<BlockJob> jobs;
    XLSNAP_TRY(in_session(domain, [&](LiveDisksSession &session) -> Status {
        XLSNAP_ASSIGN(jobs, session.jobs());
        return {};
    }));
    for (const BlockJob &job : jobs) {
        if (!is_job_of_ours(job.id))
            continue;
        ports_.log.info(
            fmt::format("ending the block job {}, which an xlsnap that died has left", job.id));
        ChainJob left;
        left.id = job.id;
        abandon(domain, left);
        XLSNAP_ASSIGN(const std::optional<BlockJob> still, look(domain, job.id));
        if (still)
            return fail(ErrorCode::NotReady,
                        fmt::format("the block job {} of domain {} does not end; try again later",
                                    job.id, domain.name));
    }
    return {};
}

Status BlockJobs::start(const Domain &domain, const ChainJob &job) {
    Status started =
        in_session(domain, [&](LiveDisksSession &session) { return session.start_job(job); });
    if (!started) {
        // One that QEMU did not confirm may run all the same; one that it refused does not.
        if (started.error().code != ErrorCode::NotReady)
            abandon(domain, job);
        return started;
    }
    const auto seen = wait_for(domain, job.id, JobState::Ready, kLongestRace);
    if (!is_going_on(seen))
        return expect_ready(domain, job, seen);
    ports_.log.info(fmt::format("domain {} writes as fast as the block job {} copies; it stands "
                                "still while the last {} bytes are copied",
                                domain.name, job.id, (*seen)->total - (*seen)->done));
    return {};
}

Status BlockJobs::await_ready(const Domain &domain, const ChainJob &job) {
    return expect_ready(domain, job, wait_for(domain, job.id, JobState::Ready));
}

Status BlockJobs::expect_ready(const Domain &domain, const ChainJob &job,
                               const Result<std::optional<BlockJob>> &seen) {
    if (seen && *seen && (*seen)->state == JobState::Ready)
        return {};
    if (!seen) {
        abandon(domain, job);
        return fail(seen.error());
    }
    Status ended = conclude(domain, job);
    return ended ? fail(ErrorCode::ProtocolErrorQmp,
                        fmt::format("the block job {} of domain {} ended before it was told to",
                                    job.id, domain.name))
                 : std::move(ended);
}

Status BlockJobs::finish(const Domain &domain, const ChainJob &job) {
    const Status completed =
        in_session(domain, [&](LiveDisksSession &session) { return session.complete_job(job); });
    // It may have been told all the same; if it was not, it must not go on.
    if (!completed)
        static_cast<void>(in_session(
            domain, [&](LiveDisksSession &session) { return session.cancel_job(job.id); }));
    const Result<std::optional<BlockJob>> ended = wait_for(domain, job.id, JobState::Concluded);
    if (!ended)
        return fail(lost(domain, job.id, ended.error()));
    Status concluded = conclude(domain, job);
    if (!concluded && !completed && concluded.error().code != ErrorCode::TimedOut)
        return fail(ErrorCode::Fail, completed.error().message);
    return concluded;
}

} // namespace xlsnap
