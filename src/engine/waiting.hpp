// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <chrono>
#include <functional>

namespace xlsnap {

// How an operation waits between two looks at something that takes its time.
using Waiting = std::function<void(std::chrono::milliseconds)>;

} // namespace xlsnap
