// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "libxl_snapshot.h"

namespace xlsnap::cli {

// The vdev of every disk that the guest can write to: of a running domain, and by a configuration.
[[nodiscard]] std::vector<std::string> writable_disks(libxl_ctx *ctx, std::uint32_t domid);
[[nodiscard]] std::vector<std::string> writable_disks(const libxl_domain_config &config);

} // namespace xlsnap::cli
