// SPDX-License-Identifier: LGPL-2.1-only
#include "core/image_claims.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace xlsnap {

namespace {

bool is_meant(const ChainLayer &image, const std::string &path, const ImageMark &mark) {
    const bool is_same_file = image.mark.device != 0 && image.mark.inode == mark.inode &&
                              image.mark.device == mark.device;
    return is_same_file || image.path == path;
}

bool needs(const SnapshotRecord &record, const ChainLayer &image) {
    return std::ranges::any_of(record.disks, [&](const DiskRecord &disk) {
        return disk.kind != DiskSnapshotKind::None && is_meant(image, disk.path, disk.mark);
    });
}

} // namespace

std::vector<std::string> claims_on(const ChainLayer &image,
                                   const std::vector<SnapshotRecord> &records,
                                   const DomainRecord &domain) {
    std::vector<std::string> claims;
    for (const SnapshotRecord &record : records)
        if (needs(record, image))
            claims.push_back(fmt::format("snapshot '{}' of domain {}", record.name, domain.name));
    for (const DomainImage &listed : domain.images)
        if ((listed.kept || listed.pinned) && is_meant(image, listed.path, listed.mark))
            claims.push_back(fmt::format("domain {}", domain.name));
    return claims;
}

} // namespace xlsnap
