// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>
#include <vector>

#include "core/snapshot_tree.hpp"

namespace xlsnap {

// A snapshot with memory whose name is that of its id; its parent is named by id.
inline SnapshotRecord make_record(const std::string &id, const std::string &parent_id,
                                  std::uint64_t creation_time) {
    SnapshotRecord record;
    record.id = id;
    record.name = id;
    record.parent_id = parent_id;
    record.creation_time = creation_time;
    record.state = SnapshotState::Running;
    record.memory = MemoryRecord{};
    return record;
}

// A disk of such a record, which is in it as `kind`.
inline DiskRecord make_disk_record(const std::string &vdev, const std::string &path,
                                   DiskSnapshotKind kind) {
    DiskRecord disk;
    disk.vdev = vdev;
    disk.path = path;
    disk.kind = kind;
    return disk;
}

inline std::vector<std::string> names_of(const SnapshotList &list) {
    std::vector<std::string> names;
    for (const SnapshotRecord *record : list)
        names.push_back(record->name);
    return names;
}

} // namespace xlsnap
