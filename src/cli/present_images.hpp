// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <vector>

#include "cli/disk_spec.hpp"
#include "libxl_snapshot.h"

namespace xlsnap::cli {

// The images that a domain has now, or that the catalog knows of one that does not run; there is
// one at least. CD-ROMs are left out: what is in a drive is no image of the domain's. Throws
// std::runtime_error.
[[nodiscard]] std::vector<DiskImage> present_images(libxl_ctx *ctx,
                                                    const libxl_snapshot_domain &domain);

} // namespace xlsnap::cli
