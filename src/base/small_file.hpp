// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <optional>
#include <string>

#include "base/result.hpp"

namespace xlsnap {

// The first 4 KiB of a file of /proc or /sys, without the final newline; nothing when what it
// describes has gone. `at` is an open directory or AT_FDCWD.
Result<std::optional<std::string>> read_small_file(int at, const std::string &name);

} // namespace xlsnap
