// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>
#include <string_view>

namespace xlsnap {

// What another program said, fit for one of our messages: one line of UTF-8 without control
// characters and of bounded length.
[[nodiscard]] std::string quote_foreign(std::string_view text);

} // namespace xlsnap
