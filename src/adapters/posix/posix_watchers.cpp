// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/posix/posix_watchers.hpp"

#include <thread>
#include <utility>

#include <fmt/format.h>

#include "adapters/posix/watch_lock.hpp"
#include "adapters/posix/xl_watcher.hpp"

namespace xlsnap {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kWatcherPoll{100};

} // namespace

Result<std::unique_ptr<Watch>> PosixWatchers::claim(const std::string &uuid, DomainId domid,
                                                    std::chrono::milliseconds deadline) {
    const Clock::time_point end = Clock::now() + deadline;
    for (;;) {
        XLSNAP_ASSIGN(WatchLock::Attempt attempt, WatchLock::try_lock(lock_folder_, uuid, domid));
        if (attempt.lock || attempt.held_for == domid)
            return std::unique_ptr<Watch>(std::move(attempt.lock));
        if (Clock::now() >= end)
            return fail(ErrorCode::NotReady,
                        fmt::format("a process of xlsnap that watches another domain of its uuid "
                                    "holds {}/{}.watch; when that has ended, run xlsnap monitor {}",
                                    lock_folder_, uuid, domid));
        std::this_thread::sleep_for(kWatcherPoll);
    }
}

Result<std::optional<int>> PosixWatchers::wait_for_xl(const Domain &domain,
                                                      std::chrono::milliseconds deadline) {
    const Clock::time_point end = Clock::now() + deadline;
    for (;;) {
        XLSNAP_ASSIGN(const std::optional<int> xl,
                      find_xl_watcher(proc_root_, domain.domid, domain.name));
        if (!xl || Clock::now() >= end)
            return xl;
        std::this_thread::sleep_for(kWatcherPoll);
    }
}

} // namespace xlsnap
