// SPDX-License-Identifier: LGPL-2.1-only
#include "core/closed_selection.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/tag_name.hpp"

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

Status check_format(const DiskRequest &disk) {
    if (disk.external)
        return fail(ErrorCode::NotImplemented,
                    "external snapshots are not implemented yet; ask for an internal one");
    if (disk.format == DiskFormat::Unknown)
        return fail(ErrorCode::Invalid,
                    "the format of its image is not said, and it is never guessed; give it");
    if (disk.format != DiskFormat::Qcow2)
        return fail(ErrorCode::Invalid,
                    fmt::format("format {} holds no internal snapshots; convert the image "
                                "(qemu-img convert -O qcow2)",
                                to_string(disk.format)));
    return {};
}

Status check_name(const std::string &tag, TagUse use) {
    return use == TagUse::Create ? check_new_tag_name(tag) : check_tag_name(tag);
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
                               "a domain that does not run has no memory to speak of; "
                               "ask for its disks alone (memory=false)");
    if (request.disks.empty())
        selection.refusals.add(ErrorCode::Invalid, "no disk was asked for; name at least one");
    for (const DiskRequest &disk : request.disks) {
        const std::string name = name_of(disk);
        const std::string who = "disk " + name;
        Refusals refusals;
        refusals.add(check_path(disk.path), who);
        refusals.add(check_format(disk), who);
        refusals.add(check_name(disk.tag, use), who);
        refusals.add(check_unnamed(disk, named), who);
        if (refusals.empty())
            selection.targets.push_back(DiskTarget{name, disk.path, disk.format, disk.tag});
        selection.refusals.add(refusals);
        named.push_back(disk.path);
    }
    return selection;
}

} // namespace xlsnap
