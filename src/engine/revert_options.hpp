// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include "core/domain.hpp"
#include "core/refusals.hpp"

namespace xlsnap {

enum class AfterRevert {
    AsBefore, // as the domain was when the snapshot was made; without memory, as it is now
    Paused,
    Running,
};

struct RevertOptions {
    AfterRevert after = AfterRevert::AsBefore;
    // Revert a domain that libvirt manages as well: for a caller that is libvirt, or tells it.
    bool managed_too = false;
    // What the caller knows against it, to be told with everything else.
    Refusals refusals = {};
};

[[nodiscard]] inline bool is_left_paused(AfterRevert after, bool was_paused) {
    return after == AfterRevert::AsBefore ? was_paused : after == AfterRevert::Paused;
}

struct Reverted {
    DomainId domid = 0;
    // What could not be done after the revert was complete, such as unpausing the domain.
    Status closing;
};

} // namespace xlsnap
