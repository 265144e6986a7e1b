// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string_view>

#include "base/result.hpp"

namespace xlsnap {

// Whether this can be the description of a snapshot: UTF-8 of at most 4096 bytes, in lines if need
// be, without other control characters. Invalid with the reason otherwise.
[[nodiscard]] Status check_description(std::string_view text);

} // namespace xlsnap
