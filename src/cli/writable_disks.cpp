// SPDX-License-Identifier: LGPL-2.1-only
#include "cli/writable_disks.hpp"

#include <span>

namespace xlsnap::cli {

namespace {

std::vector<std::string> writable_ones(std::span<const libxl_device_disk> disks) {
    std::vector<std::string> vdevs;
    for (const libxl_device_disk &disk : disks)
        if (disk.vdev != nullptr && disk.readwrite != 0 && disk.is_cdrom == 0)
            vdevs.emplace_back(disk.vdev);
    return vdevs;
}

} // namespace

std::vector<std::string> writable_disks(libxl_ctx *ctx, std::uint32_t domid) {
    int count = 0;
    libxl_device_disk *disks = libxl_device_disk_list(ctx, domid, &count);
    std::vector<std::string> vdevs = writable_ones({disks, static_cast<std::size_t>(count)});
    libxl_device_disk_list_free(disks, count);
    return vdevs;
}

std::vector<std::string> writable_disks(const libxl_domain_config &config) {
    return writable_ones({config.disks, static_cast<std::size_t>(config.num_disks)});
}

} // namespace xlsnap::cli
