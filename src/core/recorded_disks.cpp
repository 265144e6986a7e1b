// SPDX-License-Identifier: LGPL-2.1-only
#include "core/recorded_disks.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace xlsnap {

namespace {

DiskFormat format_in(const SnapshotRecord &record, const std::string &path) {
    for (const DiskRecord &disk : record.disks) {
        if (disk.kind == DiskSnapshotKind::External && disk.overlay == path)
            return disk.overlay_format;
        if (disk.path == path)
            return disk.format;
    }
    return DiskFormat::Unknown;
}

// The newest record that tells it: an image may have been converted since.
DiskFormat format_of(const std::string &path, const DomainRecord &domain,
                     const std::vector<SnapshotRecord> &records) {
    const auto listed = std::ranges::find(domain.images, path, &DomainImage::path);
    if (listed != domain.images.end())
        return listed->format;
    for (auto record = records.rbegin(); record != records.rend(); ++record)
        if (const DiskFormat format = format_in(*record, path); format != DiskFormat::Unknown)
            return format;
    return DiskFormat::Unknown;
}

} // namespace

std::vector<DiskRecord> recorded_disks(const DomainRecord &domain,
                                       const std::vector<SnapshotRecord> &records) {
    std::vector<DiskRecord> disks;
    for (const ActiveLayer &layer : domain.active_layers) {
        DiskRecord disk;
        disk.vdev = layer.vdev;
        disk.path = layer.path;
        disk.format = format_of(layer.path, domain, records);
        disks.push_back(std::move(disk));
    }
    return disks;
}

} // namespace xlsnap
