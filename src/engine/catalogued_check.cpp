// SPDX-License-Identifier: LGPL-2.1-only
#include <algorithm>

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
    XLSNAP_ASSIGN(const auto lock, lock_unless(dry_run, subject.key));
    XLSNAP_ASSIGN(DomainCatalog known, catalog_.read(subject.key));
    XLSNAP_ASSIGN(const std::vector<SnapshotRecord> copies,
                  catalog_.copies(subject.key, directories_of_copies(domain, known)));
    RebuiltCatalog rebuilt;
    for (const SnapshotRecord &copy : copies) {
        if (is_listed(known, copy))
            continue;
        ++rebuilt.count;
        known.snapshots.push_back(copy);
        if (dry_run) {
            rebuilt.plan.push_back(
                fmt::format("write the record of snapshot '{}' again", copy.name));
            continue;
        }
        // A broken record of the name is what the copy is for.
        XLSNAP_TRY(catalog_.remove(subject.key, copy.name));
        XLSNAP_TRY(catalog_.add(subject.key, copy));
    }
    if (rebuilt.count > 0 && !dry_run)
        XLSNAP_TRY(make_current(subject.key, known.domain, known.domain.current_id, domain));
    return rebuilt;
}

} // namespace xlsnap
