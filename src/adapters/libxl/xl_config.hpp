// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>

#include "adapters/libxl/libxl_types.hpp"
#include "base/result.hpp"

namespace xlsnap {

// What the administrator says to xl about the start of a domain (xl.conf(5)).
struct XlConfig {
    enum class Autoballoon { Off, On, Auto };

    Autoballoon autoballoon = Autoballoon::Auto;
    std::string lock_file; // empty: xl's own choice
};

// A file that does not exist says nothing. An error for one that cannot be read or that xl would
// not take, with what is wrong where.
[[nodiscard]] Result<XlConfig> read_xl_config(const std::string &path);

// Whether xl would let dom0 give up memory for a domain. It takes its lock only if so.
[[nodiscard]] bool dom0_may_shrink(libxl_ctx *ctx, const XlConfig &config);

} // namespace xlsnap
