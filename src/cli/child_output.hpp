// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>
#include <vector>

namespace xlsnap::cli {

// Runs a program of the PATH, without a shell, and gives what it wrote on standard output when its
// status is 0. Throws std::runtime_error with what it wrote on standard error otherwise.
[[nodiscard]] std::string output_of(const std::vector<std::string> &argv);

} // namespace xlsnap::cli
