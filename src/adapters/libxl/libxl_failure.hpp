// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string_view>

#include "base/error.hpp"

namespace xlsnap {

// What a libxl call returned, as an Error: "cannot ATTEMPT: libxl says NAME (rc); ADVICE". The code
// is rc where ErrorCode knows it and Fail otherwise. libxl itself returns no text: its own account
// goes to the logger of the libxl_ctx.
[[nodiscard]] Error libxl_failure(int rc, std::string_view attempt, std::string_view advice);

} // namespace xlsnap
