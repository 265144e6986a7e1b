// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>

#include "base/error.hpp"

namespace xlsnap::api {

// The text behind libxl_snapshot_last_error(), one per thread.
void clear_last_error() noexcept;

// For a call that succeeds.
void keep_text(const char *message) noexcept;

// Keeps the text; returns the code as the C functions return it.
int set_last_error(const Error &error) noexcept;
int set_last_error(ErrorCode code, const char *message) noexcept;

[[nodiscard]] const char *last_error() noexcept;

} // namespace xlsnap::api
