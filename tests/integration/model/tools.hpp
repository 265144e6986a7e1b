// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>
#include <vector>

namespace xlsnap::test {

// Runs programs side by side to their ends. Empty, or the command lines of those that failed.
[[nodiscard]] std::string run_all(const std::vector<std::vector<std::string>> &argvs);

// One program. Whether it succeeded; what it says is dropped.
[[nodiscard]] bool succeeds(const std::vector<std::string> &argv);

} // namespace xlsnap::test
