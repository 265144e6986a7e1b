// SPDX-License-Identifier: LGPL-2.1-only
#include "core/image_directories.hpp"

#include <set>

namespace xlsnap {

std::vector<std::string> image_directories(const SnapshotRecord &record) {
    std::set<std::string> directories;
    for (const DiskRecord &disk : record.disks) {
        if (!disk.writable && disk.kind == DiskSnapshotKind::None)
            continue;
        for (const std::string &path : {disk.path, disk.overlay}) {
            if (path.starts_with('/'))
                directories.insert(path.rfind('/') == 0 ? "/" : path.substr(0, path.rfind('/')));
        }
    }
    return {directories.begin(), directories.end()};
}

} // namespace xlsnap
