// SPDX-License-Identifier: LGPL-2.1-only
#include "engine/left_disks.hpp"

#include <string>

#include "core/domain_images.hpp"

namespace xlsnap {

std::vector<DiskChange> find_left_images(DiskImages &images, const Domain &configured,
                                         const DomainRecord &domain) {
    std::vector<std::string> missing;
    if (!domain.images.empty())
        for (const Disk &disk : configured.disks) {
            const auto facts = images.examine(disk.path, disk.format);
            if (!facts && facts.error().code == ErrorCode::NotFound)
                missing.push_back(disk.path);
        }
    return left_images(configured, domain, missing);
}

} // namespace xlsnap
