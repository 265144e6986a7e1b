// SPDX-License-Identifier: LGPL-2.1-only
#include "core/domain_images.hpp"

#include <algorithm>
#include <utility>

namespace xlsnap {

void list_image(DomainRecord &domain, DomainImage image) {
    const auto listed = std::ranges::find(domain.images, image.path, &DomainImage::path);
    if (listed == domain.images.end()) {
        domain.images.push_back(std::move(image));
        return;
    }
    listed->format = image.format;
    listed->mark = image.mark;
    listed->made = listed->made || image.made;
}

void list_recorded_images(DomainRecord &domain, const std::vector<SnapshotRecord> &records,
                          const Domain &present) {
    const auto list_unknown = [&](const std::string &path, DiskFormat format) {
        if (find_image(domain, path) == nullptr)
            domain.images.push_back({path, format});
    };
    for (const SnapshotRecord &record : records)
        for (const DiskRecord &disk : record.disks) {
            if (disk.kind != DiskSnapshotKind::External)
                continue;
            list_unknown(disk.path, disk.format);
            list_unknown(disk.overlay, disk.overlay_format);
            if (const Disk *now = find_disk(present, disk.vdev))
                list_unknown(now->path, now->format);
        }
}

const DomainImage *find_image(const DomainRecord &domain, std::string_view path) {
    const auto found = std::ranges::find(domain.images, path, &DomainImage::path);
    return found == domain.images.end() ? nullptr : &*found;
}

void set_image(Domain &domain, const DiskChange &image) {
    for (Disk &disk : domain.disks)
        if (disk.vdev == image.vdev) {
            disk.path = image.path;
            disk.format = image.format;
        }
}

std::vector<DiskChange> left_images(const Domain &configured, const DomainRecord &domain,
                                    const std::vector<std::string> &missing) {
    const auto may_be_left = [&](const std::string &path) {
        return find_image(domain, path) != nullptr || std::ranges::count(missing, path) != 0;
    };
    std::vector<DiskChange> changes;
    for (const ActiveLayer &active : domain.active_layers) {
        const Disk *disk = find_disk(configured, active.vdev);
        const DomainImage *image = find_image(domain, active.path);
        if (disk == nullptr || image == nullptr || disk->path == active.path ||
            !may_be_left(disk->path))
            continue;
        changes.push_back({active.vdev, active.path, image->format});
    }
    return changes;
}

} // namespace xlsnap
