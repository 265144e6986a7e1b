// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include "base/result.hpp"
#include "core/plan.hpp"
#include "engine/step_actions.hpp"
#include "ports/log.hpp"

namespace xlsnap {

// Carries out the steps of a plan. After a failing step everything is undone, last first, even when
// an undo fails: a guest that is still suspended matters more than a tag that could not be deleted.
// The log learns how long each step took. The error names the step, its reason, and what could not
// be undone.
[[nodiscard]] Status execute(const Plan &plan, StepActions &actions, Log &log);

// What remains after a success of execute(): every closing step, though one fails. Nothing is
// undone; the error is the first one.
[[nodiscard]] Status close(const Plan &plan, StepActions &actions, Log &log);

} // namespace xlsnap
