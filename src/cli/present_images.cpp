// SPDX-License-Identifier: LGPL-2.1-only
#include "cli/present_images.hpp"

#include <stdexcept>
#include <string_view>

#include "cli/outcome.hpp"
#include "xlsnap.hpp"

namespace xlsnap::cli {

std::vector<DiskImage> present_images(libxl_ctx *ctx, const libxl_snapshot_domain &domain) {
    std::vector<DiskImage> images;
    for (const libxl_domain_snapshot_disk &disk : domain_disks(ctx, domain)) {
        if (std::string_view(disk.format) == "unknown")
            throw std::runtime_error("domain " + called(domain) + ": nobody knows the format of " +
                                     disk.path + "; change the file by hand");
        images.push_back({disk.vdev, disk.path, disk.format});
    }
    if (images.empty())
        throw std::runtime_error("domain " + called(domain) +
                                 (domain.domid < 0
                                      ? " does not run, and the catalog knows no disks "
                                        "of it; change the file by hand"
                                      : " has no disks"));
    return images;
}

} // namespace xlsnap::cli
