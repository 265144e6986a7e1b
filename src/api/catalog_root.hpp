// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>

#include "base/result.hpp"

namespace xlsnap::api {

// Where the catalog lies, for all threads. Empty: the default. Invalid unless it is absolute.
[[nodiscard]] Status set_catalog_root(const std::string &path);

[[nodiscard]] std::string catalog_root();

} // namespace xlsnap::api
