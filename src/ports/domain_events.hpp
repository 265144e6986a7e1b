// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <optional>

#include "base/result.hpp"
#include "core/domain.hpp"

namespace xlsnap {

// What happens to one domain, as the toolstack tells it.
class DomainEvents {
  public:
    virtual ~DomainEvents() = default;

    // Waits until the domain shuts down, and answers why; nothing when it is gone. A domain that is
    // shut down already is told at once. After a suspend the next call waits for what comes then.
    virtual Result<std::optional<ShutdownReason>> next_shutdown(DomainId domid) = 0;
};

} // namespace xlsnap
