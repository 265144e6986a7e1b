// SPDX-License-Identifier: LGPL-2.1-only
#include "core/image_directories.hpp"

#include <set>

namespace xlsnap {

std::vector<std::string> images_with_data(const SnapshotRecord &record) {
    std::vector<std::string> images;
    for (const DiskRecord &disk : record.disks) {
        if (!disk.writable && disk.kind == DiskSnapshotKind::None)
            continue;
        for (const std::string &path : {disk.path, disk.overlay}) {
            if (path.starts_with('/'))
                images.push_back(path);
        }
    }
    return images;
}

std::vector<std::string> directories_of(const std::vector<std::string> &paths) {
    std::set<std::string> directories;
    for (const std::string &path : paths)
        directories.insert(path.rfind('/') == 0 ? "/" : path.substr(0, path.rfind('/')));
    return {directories.begin(), directories.end()};
}

} // namespace xlsnap
