// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include "core/domain.hpp"
#include "core/refusals.hpp"

namespace xlsnap {

enum class Operation { Create, Revert, Delete };

// Whether an operation is of no use to a domain in this state, whatever else is said of it.
[[nodiscard]] Status check_state(RunState state, Operation operation);

// What of the domain stands against any snapshot of it while it runs, also one of its disks alone,
// and against any change to one: each with the reason and what to do.
[[nodiscard]] Refusals snapshot_blockers(const Domain &domain);

// What stands against saving its memory: each with the device, the reason and what to do.
[[nodiscard]] Refusals memory_blockers(const Domain &domain);

// What stands against saving it while the guest runs on.
[[nodiscard]] Refusals live_blockers(const Domain &domain);

} // namespace xlsnap
