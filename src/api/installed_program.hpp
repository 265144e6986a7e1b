// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

namespace xlsnap::api {

// Where the command xlsnap is installed. Tests have a function of their own in its place.
[[nodiscard]] const char *installed_program() noexcept;

} // namespace xlsnap::api
