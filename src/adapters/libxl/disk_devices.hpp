// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>
#include <vector>

#include "adapters/libxl/libxl_types.hpp"
#include "adapters/libxl/xenstore.hpp"
#include "base/result.hpp"
#include "core/config_disks.hpp"

namespace xlsnap {

// What xenstore has of a disk that QEMU serves, and what it is to have.
struct DiskDevice {
    std::string record;  // libxl's own, which no guest can write to
    std::string backend; // the back end's
    std::string params;  // what "params" of both is to say: format and path
};

// The devices of these disks. NotFound, or Invalid when this domain's QEMU does not serve the disk:
// no other back end can exchange its image while the domain lives.
[[nodiscard]] Result<std::vector<DiskDevice>>
find_disk_devices(libxl_ctx *ctx, const Xenstore &xenstore, DomainId domid,
                  const std::vector<DiskChange> &changes);

// Writes "params" wherever it differs: of all devices or of none, or the message says what is NOT
// UNDONE. NotFound when a device is gone, of which nothing is made again. QEMU does not look at it
// while it serves the disk; xl block-list and whoever else asks libxl for the disks does.
[[nodiscard]] Status write_params(const Xenstore &xenstore, const std::vector<DiskDevice> &devices);

} // namespace xlsnap
