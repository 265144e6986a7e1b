// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/unique_fd.hpp"
#include "ports/watchers.hpp"

namespace xlsnap {

// A Watch that is a lock on a file, which holds the domid as text. It ends with the process,
// however that ends.
class WatchLock final : public Watch {
  public:
    // What came of one attempt: the lock; or nothing but the domid that its holder watches, as far
    // as that is written yet.
    struct Attempt {
        std::unique_ptr<WatchLock> lock;
        std::optional<DomainId> held_for;
    };

    // `folder` is made when there is none, for root alone; one that others may write to is refused.
    static Result<Attempt> try_lock(const std::string &folder, const std::string &uuid,
                                    DomainId domid);

    WatchLock(const WatchLock &) = delete;
    WatchLock &operator=(const WatchLock &) = delete;
    WatchLock(WatchLock &&) = delete;
    WatchLock &operator=(WatchLock &&) = delete;
    // Removes the file while it is locked still: whoever waits for it notices that.
    ~WatchLock() override;

    Status follow(DomainId domid) override;

  private:
    WatchLock(UniqueFd folder, std::string name, UniqueFd file);

    UniqueFd folder_;
    std::string name_;
    UniqueFd file_;
};

} // namespace xlsnap
