// SPDX-License-Identifier: LGPL-2.1-only
#include <algorithm>
#include <memory>

#include <fmt/format.h>

#include "core/image_directories.hpp"
#include "engine/catalog_records.hpp"
#include "engine/catalogued_snapshots.hpp"

namespace xlsnap {

namespace {

// Where copies may lie: beside the domain's disks, now and at any of its snapshots.
std::vector<std::string> directories_of_copies(const Domain &domain, const DomainCatalog &known) {
    std::vector<std::string> paths;
    for (const Disk &disk : domain.disks)
        paths.push_back(disk.path);
    for (const SnapshotRecord &record : known.snapshots)
        for (const DiskRecord &disk : record.disks)
            paths.push_back(disk.path);
    return directories_of(paths);
}

const BrokenRecord *find_broken(const DomainCatalog &known, const SnapshotRecord &record) {
    const auto found = std::ranges::find(known.broken, record.name, &BrokenRecord::name);
    return found == known.broken.end() ? nullptr : &*found;
}

bool is_broken(const DomainCatalog &known, const SnapshotRecord &record) {
    return find_broken(known, record) != nullptr;
}

// It knows more than the copy says.
bool is_of_newer_program(const DomainCatalog &known, const SnapshotRecord &record) {
    const BrokenRecord *broken = find_broken(known, record);
    return broken != nullptr && broken->reason.code == ErrorCode::NotImplemented;
}

bool is_listed(const DomainCatalog &known, const SnapshotRecord &record) {
    return std::ranges::any_of(known.snapshots, [&](const SnapshotRecord &other) {
        return other.name == record.name || other.id == record.id;
    });
}

} // namespace

Status CataloguedSnapshots::verify(const Subject &subject, const std::string &name) {
    XLSNAP_ASSIGN(const DomainCatalog known, catalog_.read(subject.key));
    XLSNAP_ASSIGN(const SnapshotRecord *record, find_record(known, name));
    Refusals refusals;
    refusals.add(check_fingerprint(*record));
    for (const DiskRecord &disk : record->disks)
        if (disk.kind == DiskSnapshotKind::Internal)
            refusals.add(check_tag(disk), fmt::format("disk {}", disk.vdev));
    return refusals.status().with_context(fmt::format("snapshot '{}'", name));
}

Status CataloguedSnapshots::check_tag(const DiskRecord &disk) {
    XLSNAP_ASSIGN(const std::vector<Tag> tags,
                  ports_.disk_images.list_tags(disk.path, disk.format));
    XLSNAP_TRY(find_only_tag(tags, disk.tag).with_context(disk.path));
    return {};
}

Result<RebuiltCatalog> CataloguedSnapshots::rebuild(const Subject &subject, bool dry_run) {
    XLSNAP_ASSIGN(const DomainCatalog before, catalog_.read(subject.key));
    XLSNAP_ASSIGN(const Domain domain, domain_of(subject, before));
    std::unique_ptr<CatalogLock> lock;
    if (!dry_run) {
        XLSNAP_ASSIGN(lock, catalog_.lock(subject.key));
    }
    XLSNAP_ASSIGN(DomainCatalog known, catalog_.read(subject.key));
    XLSNAP_ASSIGN(const std::vector<SnapshotRecord> copies,
                  catalog_.copies(subject.key, directories_of_copies(domain, known)));
    RebuiltCatalog rebuilt;
    for (const SnapshotRecord &copy : copies) {
        if (is_listed(known, copy) || is_of_newer_program(known, copy))
            continue;
        ++rebuilt.count;
        rebuilt.plan.push_back(fmt::format("write the record of snapshot '{}' again", copy.name));
        if (!dry_run)
            XLSNAP_TRY(is_broken(known, copy) ? catalog_.replace(subject.key, copy)
                                              : catalog_.add(subject.key, copy));
        known.snapshots.push_back(copy);
    }
    if (!known.domain_fault)
        rebuilt.plan.emplace_back("write the domain's record again; no snapshot is current then");
    if (dry_run)
        return rebuilt;
    rebuilt.plan.clear();
    if (rebuilt.count > 0 || !known.domain_fault)
        XLSNAP_TRY(make_current(subject.key, known.domain, known.domain.current_id, domain));
    return rebuilt;
}

} // namespace xlsnap
