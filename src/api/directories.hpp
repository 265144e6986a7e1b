// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>

#include "base/result.hpp"

namespace xlsnap::api {

// Directories that the caller chooses for all threads. Empty: the default. Invalid unless they are
// absolute.

[[nodiscard]] Status set_catalog_root(const std::string &path);
[[nodiscard]] std::string catalog_root();

// Of overlays that are given no path; by default, empty: each lies beside its image. Invalid also
// when it goes a long way round, since records and configurations name what lies there.
[[nodiscard]] Status set_overlay_directory(const std::string &path);
[[nodiscard]] std::string overlay_directory();

} // namespace xlsnap::api
