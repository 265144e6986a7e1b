// SPDX-License-Identifier: LGPL-2.1-only
#include "engine/tag_usages.hpp"

#include <fmt/format.h>

namespace xlsnap {

void TagUsages::ask_for(const SnapshotRecord &record) {
    for (const DiskRecord &disk : record.disks)
        if (disk.kind == DiskSnapshotKind::Internal) {
            Tags &tags = images_[{disk.path, disk.format}];
            if (tags.measured.emplace(disk.tag, StorageUsage{}).second)
                tags.names.push_back(disk.tag);
        }
}

void TagUsages::measure(DiskImages &images) {
    for (auto &[image, tags] : images_) {
        std::vector<Result<StorageUsage>> usages =
            images.usage(image.first, image.second, tags.names);
        for (std::size_t i = 0; i < usages.size(); ++i)
            tags.measured.at(tags.names[i]) = std::move(usages[i]);
    }
}

Result<StorageUsage> TagUsages::of(const DiskRecord &disk) const {
    switch (disk.kind) {
    case DiskSnapshotKind::None:
        break;
    case DiskSnapshotKind::Internal:
        return images_.at({disk.path, disk.format}).measured.at(disk.tag);
    case DiskSnapshotKind::External:
        return fail(ErrorCode::NotImplemented,
                    fmt::format("what {} holds for an external snapshot is not measured; ask "
                                "qemu-img info",
                                disk.path));
    }
    return StorageUsage{};
}

} // namespace xlsnap
