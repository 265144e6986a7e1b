// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <vector>

#include "core/config_disks.hpp"
#include "core/domain.hpp"
#include "core/snapshot_record.hpp"
#include "ports/disk_images.hpp"

namespace xlsnap {

// left_images() of a configuration of a domain that does not run, with a look at which of its
// images are there.
[[nodiscard]] std::vector<DiskChange> find_left_images(DiskImages &images, const Domain &configured,
                                                       const DomainRecord &domain);

} // namespace xlsnap
