// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <chrono>
#include <thread>

namespace xlsnap::test {

// Whether the condition comes true before it is clear that it will not.
template <typename Condition> [[nodiscard]] bool wait_for(Condition condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(2);
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline)
            return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return true;
}

} // namespace xlsnap::test
