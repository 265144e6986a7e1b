// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <algorithm>
#include <chrono>

namespace xlsnap {

// The moment at which waiting ends.
class Deadline {
  public:
    explicit Deadline(std::chrono::milliseconds from_now) : end_(Clock::now() + from_now) {}

    [[nodiscard]] bool passed() const { return Clock::now() >= end_; }

    // For poll(2): at least 1 until the deadline has passed, then 0; never more than a minute, so
    // the caller polls again.
    [[nodiscard]] int poll_timeout() const {
        constexpr std::chrono::milliseconds longest = std::chrono::minutes(1);
        auto left = std::chrono::ceil<std::chrono::milliseconds>(end_ - Clock::now());
        return static_cast<int>(std::clamp(left, std::chrono::milliseconds(0), longest).count());
    }

  private:
    using Clock = std::chrono::steady_clock;

    Clock::time_point end_;
};

} // namespace xlsnap
