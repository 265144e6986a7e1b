// SPDX-License-Identifier: LGPL-2.1-only
#include "core/record_request.hpp"

namespace xlsnap {

SnapshotRequest create_request(const SnapshotRecord &record,
                               const std::vector<DiskRequest> &disks) {
    SnapshotRequest request;
    request.memory = record.memory.has_value();
    request.memory_path = record.memory ? record.memory->path : std::string();
    request.live = record.live;
    request.disks = disks;
    return request;
}

SnapshotRequest request_for(const SnapshotRecord &record) {
    std::vector<DiskRequest> disks;
    for (const DiskRecord &disk : record.disks)
        if (disk.kind != DiskSnapshotKind::None)
            disks.push_back({disk.vdev, disk.path, disk.tag,
                             disk.kind == DiskSnapshotKind::External, disk.format, disk.overlay,
                             disk.overlay_format});
    SnapshotRequest request = create_request(record, disks);
    request.live = false;
    request.known_uuid = record.domain_uuid;
    return request;
}

} // namespace xlsnap
