// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "core/domain.hpp"

namespace xlsnap {

// That this process is a domain's watcher among those of xlsnap, as long as the object lives.
class Watch {
  public:
    virtual ~Watch() = default;

    // The domain has another domid now.
    virtual Status follow(DomainId domid) = 0;
};

// Which process of this host is a domain's watcher.
class Watchers {
  public:
    virtual ~Watchers() = default;

    // Makes this process the one of xlsnap that watches the domain with this uuid. Null when
    // another one watches it under this domid, or has to do with it under another one until the
    // deadline: one whose domain is gone leaves soon, and is waited for.
    virtual Result<std::unique_ptr<Watch>> claim(const std::string &uuid, DomainId domid,
                                                 std::chrono::milliseconds deadline) = 0;

    // Waits until no process of xl watches the domain. The answer is the pid of the one that still
    // does so at the deadline.
    virtual Result<std::optional<int>> wait_for_xl(const Domain &domain,
                                                   std::chrono::milliseconds deadline) = 0;
};

} // namespace xlsnap
