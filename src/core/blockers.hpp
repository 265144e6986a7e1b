// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include "core/domain.hpp"
#include "core/refusals.hpp"

namespace xlsnap {

// What of the domain stands against saving its memory, or against bringing it back: each with the
// device, the reason and what to do.
[[nodiscard]] Refusals memory_blockers(const Domain &domain);

} // namespace xlsnap
