// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <deque>
#include <functional>
#include <utility>

#include "ports/domain_events.hpp"
#include "support/fake_calls.hpp"

namespace xlsnap::test {

// Tells what the test has prepared, whatever the domain; then that the domain is gone. Methods for
// fail_next(): "next_shutdown".
class FakeDomainEvents final : public DomainEvents, public FakeCalls {
  public:
    std::deque<ShutdownReason> shutdowns;
    std::function<void()> on_next; // called before the first of them is told

    Result<std::optional<ShutdownReason>> next_shutdown(DomainId domid) override {
        XLSNAP_TRY(enter("next_shutdown", std::to_string(domid)));
        if (shutdowns.empty())
            return std::optional<ShutdownReason>();
        if (on_next)
            std::exchange(on_next, nullptr)();
        const ShutdownReason reason = shutdowns.front();
        shutdowns.pop_front();
        return std::optional(reason);
    }
};

} // namespace xlsnap::test
