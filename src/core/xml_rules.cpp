// SPDX-License-Identifier: LGPL-2.1-only
#include "core/xml_rules.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/refusals.hpp"

namespace xlsnap {

namespace {

std::string names_of(const std::vector<Disk> &disks) {
    std::vector<std::string> names(disks.size());
    std::ranges::transform(disks, names.begin(), &Disk::vdev);
    return names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "));
}

Result<std::string> vdev_of(const XmlDisk &named, const std::vector<Disk> &disks) {
    const auto by = [&](std::string Disk::*field) {
        return std::ranges::count(disks, named.name, field);
    };
    if (by(&Disk::vdev) != 0)
        return named.name;
    if (!named.name.starts_with('/') || by(&Disk::path) == 0)
        return fail(ErrorCode::Invalid,
                    fmt::format("line {}: <disk>: the domain has no disk {}; it has {}", named.line,
                                named.name, names_of(disks)));
    if (by(&Disk::path) > 1)
        return fail(ErrorCode::Invalid,
                    fmt::format("line {}: <disk>: several disks have the image {}; name the target",
                                named.line, named.name));
    return std::ranges::find(disks, named.name, &Disk::path)->vdev;
}

const SnapshotRecord *find_by_id(const std::vector<SnapshotRecord> &snapshots,
                                 const std::string &id) {
    const auto found = std::ranges::find(snapshots, id, &SnapshotRecord::id);
    return found == snapshots.end() ? nullptr : &*found;
}

// Records come from the disk: a circle that is there already must not hold us up.
bool descends_from(const SnapshotRecord *snapshot, const std::string &name,
                   const std::vector<SnapshotRecord> &snapshots) {
    for (std::size_t steps = 0; snapshot != nullptr && steps <= snapshots.size(); ++steps) {
        if (snapshot->name == name)
            return true;
        snapshot = find_by_id(snapshots, snapshot->parent_id);
    }
    return false;
}

void check_parent(const SnapshotXml &xml, const std::vector<SnapshotRecord> &snapshots,
                  Refusals &refusals) {
    if (xml.parent.empty())
        return;
    const SnapshotRecord *parent = find_snapshot(snapshots, xml.parent);
    if (parent == nullptr)
        refusals.add(
            ErrorCode::Invalid,
            fmt::format("<parent>: there is no snapshot {}; import that first", xml.parent));
    else if (descends_from(parent, xml.name, snapshots))
        refusals.add(ErrorCode::Invalid,
                     fmt::format("<parent>: {} descends from {} and cannot be its parent",
                                 xml.parent, xml.name));
}

void check_states(XmlState before, XmlState after, Refusals &refusals) {
    if ((before == XmlState::DiskSnapshot) != (after == XmlState::DiskSnapshot))
        refusals.add(ErrorCode::Invalid,
                     "<state>: a snapshot that is there cannot change between disks alone and all "
                     "of the domain");
    else if (is_offline(before) != is_offline(after))
        refusals.add(ErrorCode::Invalid,
                     "<state>: a snapshot that is there cannot change between a domain that runs "
                     "and one that does not");
}

} // namespace

Result<std::vector<XmlDisk>> aligned_disks(const std::vector<XmlDisk> &xml_disks,
                                           const std::vector<Disk> &domain_disks) {
    Refusals refusals;
    std::vector<XmlDisk> aligned;
    for (XmlDisk disk : xml_disks) {
        auto vdev = vdev_of(disk, domain_disks);
        if (!vdev) {
            refusals.add(vdev.error().code, vdev.error().message);
            continue;
        }
        disk.name = std::move(*vdev);
        if (std::ranges::count(aligned, disk.name, &XmlDisk::name) != 0)
            refusals.add(ErrorCode::Invalid, fmt::format("line {}: <disk>: disk {} is named twice",
                                                         disk.line, disk.name));
        aligned.push_back(std::move(disk));
    }
    XLSNAP_TRY(refusals.status());
    return aligned;
}

Status check_new_snapshot(const SnapshotXml &xml, const std::vector<Disk> &disks, bool domain_runs,
                          bool disk_only) {
    Refusals refusals;
    if (const auto aligned = aligned_disks(xml.disks, disks); !aligned)
        refusals.add(aligned.error().code, aligned.error().message);
    const bool wants_memory = xml.memory.value_or(XmlMemory::None) != XmlMemory::None;
    if (wants_memory && !domain_runs)
        refusals.add(ErrorCode::Invalid,
                     "<memory>: a domain that does not run has no memory to save; write "
                     "snapshot='no'");
    else if (wants_memory && disk_only)
        refusals.add(ErrorCode::Invalid,
                     "<memory>: a snapshot of disks alone has no memory; write snapshot='no'");
    return refusals.status();
}

Status check_redefinition(const SnapshotXml &xml, const std::vector<std::string> &uuids,
                          const std::vector<SnapshotRecord> &snapshots) {
    Refusals refusals;
    if (xml.domain && !xml.domain->uuid.empty() && std::ranges::count(uuids, xml.domain->uuid) == 0)
        refusals.add(ErrorCode::Invalid,
                     fmt::format("<domain>: the snapshot is of the domain {}, not of {}",
                                 xml.domain->uuid, fmt::join(uuids, " or ")));
    check_parent(xml, snapshots, refusals);
    if (const SnapshotRecord *known = find_snapshot(snapshots, xml.name); known != nullptr)
        check_states(xml_state(*known), *xml.state, refusals);
    return refusals.status();
}

const SnapshotRecord *find_snapshot(const std::vector<SnapshotRecord> &snapshots,
                                    const std::string &name) {
    const auto found = std::ranges::find(snapshots, name, &SnapshotRecord::name);
    return found == snapshots.end() ? nullptr : &*found;
}

} // namespace xlsnap
