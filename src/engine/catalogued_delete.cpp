// SPDX-License-Identifier: LGPL-2.1-only
#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/record_request.hpp"
#include "core/snapshot_tree.hpp"
#include "engine/catalog_records.hpp"
#include "engine/catalogued_snapshots.hpp"

namespace xlsnap {

namespace {

std::string data_of(const SnapshotRecord &record) {
    std::vector<std::string> parts;
    if (record.memory)
        parts.push_back(fmt::format("its memory image {}", record.memory->path));
    for (const DiskRecord &disk : record.disks)
        if (disk.kind == DiskSnapshotKind::Internal)
            parts.push_back(
                fmt::format("the tag {} in disk {} ({})", disk.tag, disk.vdev, disk.path));
    return parts.empty() ? std::string() : fmt::format(", with {}", fmt::join(parts, ", "));
}

std::string name_of(const SnapshotTree &tree, std::string_view id) {
    const SnapshotRecord *record = tree.find_id(id);
    return record == nullptr ? std::string("none") : fmt::format("'{}'", record->name);
}

PlanLines lines_of(const DomainCatalog &known, const SnapshotDeletion &deletion,
                   bool metadata_only) {
    const SnapshotTree tree(known.snapshots);
    PlanLines lines;
    for (const std::string &id : deletion.ids) {
        const SnapshotRecord &record = *tree.find_id(id);
        lines.push_back(fmt::format("delete snapshot '{}'{}", record.name,
                                    metadata_only ? ": its record alone" : data_of(record)));
    }
    for (const NewParent &moved : deletion.reparented)
        lines.push_back(fmt::format("give {} the parent {}", name_of(tree, moved.id),
                                    name_of(tree, moved.parent_id)));
    if (deletion.current_id != known.domain.current_id)
        lines.push_back(
            fmt::format("current snapshot afterwards: {}", name_of(tree, deletion.current_id)));
    return lines;
}

// The disks of the record that the domain still has, and those that it has not.
struct RecordDisks {
    SnapshotRequest attached;
    SnapshotRequest detached;
};

RecordDisks divide(const SnapshotRequest &request, const Domain &domain) {
    RecordDisks divided;
    divided.attached.memory = request.memory;
    divided.attached.memory_path = request.memory_path;
    for (const DiskRequest &disk : request.disks) {
        const Disk *now = find_disk(domain, disk.vdev);
        const bool there = now != nullptr && now->path == disk.path;
        (there ? divided.attached : divided.detached).disks.push_back(disk);
    }
    return divided;
}

} // namespace

Result<PlanLines> CataloguedSnapshots::remove(const Subject &subject, const std::string &name,
                                              const DeletionWish &wish, bool dry_run) {
    XLSNAP_ASSIGN(const DomainCatalog before, catalog_.read(subject.key));
    const bool broken = std::ranges::count(before.broken, name, &BrokenRecord::name) != 0;
    if (!(broken && wish.metadata_only))
        XLSNAP_TRY(find_record(before, name));
    XLSNAP_ASSIGN(const auto lock, lock_unless(dry_run, subject.key));
    if (broken && wish.metadata_only)
        return remove_broken(subject.key, name, dry_run);
    XLSNAP_ASSIGN(const DomainCatalog known, catalog_.read(subject.key));
    XLSNAP_TRY(find_record(known, name));
    XLSNAP_ASSIGN(const SnapshotDeletion deletion,
                  plan_deletion(known.snapshots, known.domain, name, wish));
    if (dry_run)
        return lines_of(known, deletion, wish.metadata_only);
    XLSNAP_TRY(carry_out(subject, known, deletion, wish.metadata_only));
    XLSNAP_TRY(forget_if_empty(subject.key));
    return PlanLines{};
}

Result<PlanLines> CataloguedSnapshots::remove_broken(const std::string &key,
                                                     const std::string &name, bool dry_run) {
    if (dry_run)
        return PlanLines{fmt::format("delete the broken record of snapshot '{}' alone", name)};
    XLSNAP_TRY(catalog_.remove(key, name));
    XLSNAP_TRY(forget_if_empty(key));
    return PlanLines{};
}

// Leaves first, and each one's data before its record: whatever stops it halfway, the catalog lists
// no snapshot that is not wholly gone or can be deleted again.
Status CataloguedSnapshots::carry_out(const Subject &subject, const DomainCatalog &known,
                                      const SnapshotDeletion &deletion, bool metadata_only) {
    const SnapshotTree tree(known.snapshots);
    for (const NewParent &moved : deletion.reparented) {
        SnapshotRecord child = *tree.find_id(moved.id);
        child.parent_id = moved.parent_id;
        XLSNAP_TRY(catalog_.replace(subject.key, child));
    }
    DomainRecord domain = known.domain;
    if (std::exchange(domain.current_id, deletion.current_id) != deletion.current_id)
        XLSNAP_TRY(catalog_.write_domain(domain));
    for (const std::string &id : deletion.ids) {
        const SnapshotRecord &record = *tree.find_id(id);
        const std::string who = fmt::format("snapshot '{}'", record.name);
        if (!metadata_only)
            XLSNAP_TRY(remove_data(subject, record).with_context(who));
        XLSNAP_TRY(catalog_.remove(subject.key, record.name).with_context(who));
    }
    return {};
}

Status CataloguedSnapshots::remove_data(const Subject &subject, const SnapshotRecord &record) {
    RecordDisks disks;
    if (subject.domid) {
        XLSNAP_ASSIGN(const Domain domain, ports_.toolstack.inspect(*subject.domid));
        disks = divide(request_for(record), domain);
        if (!disks.attached.disks.empty() || disks.attached.memory)
            XLSNAP_TRY(service_.remove(*subject.domid, disks.attached));
    } else {
        disks.detached.disks = request_for(record).disks;
        if (record.memory)
            XLSNAP_TRY(ports_.memory_store.remove(record.memory->path));
    }
    drop_vanished(disks.detached);
    return disks.detached.disks.empty() ? Status() : inactive_.remove(disks.detached);
}

// An image that is not there any more holds no tag.
void CataloguedSnapshots::drop_vanished(SnapshotRequest &request) {
    std::erase_if(request.disks, [this](const DiskRequest &disk) {
        const auto facts = ports_.disk_images.examine(disk.path, disk.format);
        const bool vanished = !facts && facts.error().code == ErrorCode::NotFound;
        if (vanished)
            ports_.log.info(fmt::format("disk {}: {} is gone already", disk.vdev, disk.path));
        return vanished;
    });
}

} // namespace xlsnap
