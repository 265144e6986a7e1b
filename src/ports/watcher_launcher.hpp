// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include "base/result.hpp"
#include "core/domain.hpp"

namespace xlsnap {

// Sees to it that a domain has a watcher when an operation has ended.
class WatcherLauncher {
  public:
    virtual ~WatcherLauncher() = default;

    // Starts a process that outlives this one and becomes the domain's watcher, or leaves when
    // there is one already. What that process finds is not waited for.
    virtual Status launch(DomainId domid) = 0;
};

} // namespace xlsnap
