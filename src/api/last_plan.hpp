// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>
#include <vector>

namespace xlsnap::api {

// The text behind libxl_snapshot_plan(), one per thread.
void clear_last_plan() noexcept;
void set_last_plan(const std::vector<std::string> &lines);

[[nodiscard]] const char *last_plan() noexcept;

} // namespace xlsnap::api
