// SPDX-License-Identifier: LGPL-2.1-only
#include "core/closed_selection.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/combinations.hpp"
#include "core/overlay_selection.hpp"

namespace xlsnap {

namespace {

std::string name_of(const DiskRequest &disk) {
    if (!disk.vdev.empty())
        return disk.vdev;
    return disk.path.empty() ? "without a vdev" : disk.path;
}

Status check_path(const std::string &path) {
    if (path.empty())
        return fail(ErrorCode::Invalid, "a disk of an inactive domain is known by its image; give "
                                        "the path (pdev_path)");
    if (path.front() != '/')
        return fail(ErrorCode::Invalid,
                    fmt::format("{} is no absolute path; give one that begins with '/'", path));
    return {};
}

Status check_format(const DiskRequest &disk, TagUse use) {
    if (disk.format == DiskFormat::Unknown)
        return fail(ErrorCode::Invalid,
                    "the format of its image is not said, and it is never guessed; give it");
    return check_kind(disk, disk.format, use);
}

Status check_unnamed(const DiskRequest &disk, const std::vector<std::string> &named) {
    if (!disk.path.empty() && std::ranges::count(named, disk.path) != 0)
        return fail(ErrorCode::Invalid,
                    fmt::format("image {} is named twice; name it once", disk.path));
    return {};
}

} // namespace

DiskSelection select_closed_disks(const SnapshotRequest &request, TagUse use) {
    DiskSelection selection;
    std::vector<std::string> named;
    if (request.memory)
        selection.refusals.add(ErrorCode::Invalid,
                               reason_of(CombinationRefusal::MemoryOfOfflineDomain));
    else if (request.disks.empty())
        selection.refusals.add(ErrorCode::Invalid, reason_of(CombinationRefusal::NothingSelected));
    for (const DiskRequest &disk : request.disks) {
        const std::string name = name_of(disk);
        const std::string who = "disk " + name;
        Refusals refusals;
        refusals.add(check_path(disk.path), who);
        refusals.add(check_format(disk, use), who);
        refusals.add(check_name(disk, use), who);
        refusals.add(check_unnamed(disk, named), who);
        if (refusals.empty())
            selection.targets.push_back(target_of(disk, name, disk.path, disk.format));
        selection.refusals.add(refusals);
        named.push_back(disk.path);
    }
    selection.refusals.add(check_live(request));
    settle_overlays(selection, named, use);
    return selection;
}

} // namespace xlsnap
