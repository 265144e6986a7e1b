// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>
#include <vector>

#include "core/plan.hpp"

namespace xlsnap {

// What the user reads when the step fails: "making the memory image", ….
[[nodiscard]] std::string describe(const Step &step);

// What the plan would do, a sentence for each step that a user cares about, in order.
[[nodiscard]] std::vector<std::string> outline(const Plan &plan);

} // namespace xlsnap
