// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>

#include "base/result.hpp"

namespace xlsnap {

// Whether the user may choose this file for the memory image of a new snapshot; `own` is the one
// that the catalog would choose. Its path must be absolute and the shortest one, so that two
// snapshots cannot name one file in two ways; and it lies outside of the catalog, which gives names
// of its own there.
[[nodiscard]] Status check_chosen_file(const std::string &path, const std::string &own);

// The path alone: absolute, the shortest one, UTF-8.
[[nodiscard]] Status check_file_path(const std::string &path);

} // namespace xlsnap
