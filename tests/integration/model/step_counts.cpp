// SPDX-License-Identifier: LGPL-2.1-only
#include "integration/model/step_counts.hpp"

#include <fmt/format.h>

namespace xlsnap::test {

std::string StepCounts::to_text() const {
    std::string text;
    for (const auto &[what, count] : counts_)
        text +=
            fmt::format("# {:<40} {:>6} online {:>6} offline\n", what, count.online, count.offline);
    return text;
}

} // namespace xlsnap::test
