// SPDX-License-Identifier: LGPL-2.1-only
#include "engine/catalogued_delete.hpp"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/record_request.hpp"
#include "core/snapshot_tree.hpp"
#include "engine/catalog_records.hpp"

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

DataRequests divide(const SnapshotRequest &request, const Domain &domain) {
    DataRequests divided;
    divided.attached.memory = request.memory;
    divided.attached.memory_path = request.memory_path;
    for (const DiskRequest &disk : request.disks) {
        const Disk *now = find_disk(domain, disk.vdev);
        const bool there = now != nullptr && now->path == disk.path;
        (there ? divided.attached : divided.detached).disks.push_back(disk);
    }
    return divided;
}

bool is_broken(const DomainCatalog &known, const std::string &name) {
    return std::ranges::count(known.broken, name, &BrokenRecord::name) != 0;
}

// Of a broken record: no readable one is.
bool may_be_current(const DomainCatalog &known) {
    return !known.domain_fault ||
           (!known.domain.current_id.empty() &&
            std::ranges::count(known.snapshots, known.domain.current_id, &SnapshotRecord::id) == 0);
}

bool asks_for_something(const SnapshotRequest &request) {
    return request.memory || !request.disks.empty();
}

} // namespace

Result<PlanLines> CataloguedDelete::remove(const Subject &subject, const std::string &name,
                                           const DeletionWish &wish, bool dry_run) {
    XLSNAP_ASSIGN(const DomainCatalog before, catalog_.read(subject.key));
    if (wish.metadata_only && is_broken(before, name))
        return remove_broken(subject.key, name, wish, dry_run);
    XLSNAP_ASSIGN(const OpenedCatalog opened, catalogs_.open(subject, name, dry_run));
    XLSNAP_TRY(find_record(opened.known, name));
    XLSNAP_ASSIGN(const SnapshotDeletion deletion,
                  plan_deletion(opened.known.snapshots, opened.known.domain, name, wish));
    if (!wish.metadata_only)
        XLSNAP_TRY(check_data_removal(opened, deletion));
    if (dry_run)
        return lines_of(opened.known, deletion, wish.metadata_only);
    XLSNAP_TRY(carry_out(opened, deletion, wish.metadata_only));
    XLSNAP_TRY(catalogs_.forget_if_empty(subject.key));
    return PlanLines{};
}

Result<PlanLines> CataloguedDelete::remove_broken(const std::string &key, const std::string &name,
                                                  const DeletionWish &wish, bool dry_run) {
    std::unique_ptr<CatalogLock> lock;
    if (!dry_run) {
        XLSNAP_ASSIGN(lock, catalog_.lock(key));
    }
    XLSNAP_ASSIGN(const DomainCatalog known, catalog_.read(key));
    if (!is_broken(known, name))
        return fail(ErrorCode::NotReady,
                    fmt::format("another process has just changed the record of snapshot '{}'; "
                                "look at it (xlsnap list) and try again",
                                name));
    if (wish.keep_current && may_be_current(known))
        return fail(ErrorCode::Invalid,
                    fmt::format("snapshot '{}' may be the current one, which is to stay; its "
                                "record is broken (xlsnap rebuild)",
                                name));
    if (dry_run)
        return PlanLines{fmt::format("delete the broken record of snapshot '{}' alone", name)};
    XLSNAP_TRY(catalog_.remove(key, name));
    XLSNAP_TRY(catalogs_.forget_if_empty(key));
    return PlanLines{};
}

// Everything that refuses the removal of any of them, before the first is touched.
Status CataloguedDelete::check_data_removal(const OpenedCatalog &opened,
                                            const SnapshotDeletion &deletion) {
    const SnapshotTree tree(opened.known.snapshots);
    Refusals refusals;
    for (const std::string &id : deletion.ids) {
        const SnapshotRecord &record = *tree.find_id(id);
        const std::string who = fmt::format("snapshot '{}'", record.name);
        XLSNAP_ASSIGN(const DataRequests data, data_of(opened.subject, record));
        if (opened.subject.domid && !data.attached.disks.empty())
            refusals.add(service_.check_removal(*opened.subject.domid, data.attached), who);
        if (!data.detached.disks.empty())
            refusals.add(inactive_.check_removal(data.detached), who);
    }
    return refusals.status();
}

// Leaves first, and each one's data before its record: whatever stops it halfway, the catalog lists
// every snapshot that is not wholly gone, and it can be deleted again.
Status CataloguedDelete::carry_out(const OpenedCatalog &opened, const SnapshotDeletion &deletion,
                                   bool metadata_only) {
    const SnapshotTree tree(opened.known.snapshots);
    for (const std::string &id : deletion.ids) {
        const SnapshotRecord &record = *tree.find_id(id);
        const std::string who = fmt::format("snapshot '{}'", record.name);
        if (!metadata_only)
            XLSNAP_TRY(remove_data(opened.subject, record).with_context(who));
        XLSNAP_TRY(remove_record(opened, deletion, record).with_context(who));
    }
    return {};
}

// Before the record goes nothing leads to it any more.
Status CataloguedDelete::remove_record(const OpenedCatalog &opened,
                                       const SnapshotDeletion &deletion,
                                       const SnapshotRecord &record) {
    const SnapshotTree tree(opened.known.snapshots);
    for (const NewParent &moved : deletion.reparented) {
        SnapshotRecord child = *tree.find_id(moved.id);
        if (child.parent_id != record.id)
            continue;
        child.parent_id = moved.parent_id;
        XLSNAP_TRY(catalog_.replace(opened.subject.key, child));
    }
    DomainRecord domain = opened.known.domain;
    if (domain.current_id == record.id) {
        set_current_snapshot(domain, tree.find_id(deletion.current_id));
        XLSNAP_TRY(catalog_.write_domain(domain));
    }
    XLSNAP_TRY(catalog_.remove(opened.subject.key, record.name));
    return {};
}

Result<DataRequests> CataloguedDelete::data_of(const Subject &subject,
                                               const SnapshotRecord &record) {
    DataRequests data;
    const SnapshotRequest request = request_for(record);
    if (subject.domid) {
        XLSNAP_ASSIGN(const Domain domain, ports_.toolstack.inspect(*subject.domid));
        data = divide(request, domain);
    } else {
        data.attached.memory = request.memory;
        data.attached.memory_path = request.memory_path;
        data.detached.disks = request.disks;
    }
    drop_vanished(data.detached);
    return data;
}

Status CataloguedDelete::remove_data(const Subject &subject, const SnapshotRecord &record) {
    XLSNAP_ASSIGN(const DataRequests data, data_of(subject, record));
    if (subject.domid && asks_for_something(data.attached))
        XLSNAP_TRY(service_.remove(*subject.domid, data.attached));
    if (!subject.domid && data.attached.memory)
        XLSNAP_TRY(ports_.memory_store.remove(data.attached.memory_path));
    return data.detached.disks.empty() ? Status() : inactive_.remove(data.detached);
}

// An image that is not there any more holds no tag.
void CataloguedDelete::drop_vanished(SnapshotRequest &request) {
    std::erase_if(request.disks, [this](const DiskRequest &disk) {
        const auto facts = ports_.disk_images.examine(disk.path, disk.format);
        const bool vanished = !facts && facts.error().code == ErrorCode::NotFound;
        if (vanished)
            ports_.log.info(fmt::format("disk {}: {} is gone already", disk.vdev, disk.path));
        return vanished;
    });
}

} // namespace xlsnap
