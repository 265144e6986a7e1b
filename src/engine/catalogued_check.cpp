// SPDX-License-Identifier: LGPL-2.1-only
#include "engine/catalogued_check.hpp"

#include <cstdint>

#include <fmt/format.h>

#include "core/refusals.hpp"
#include "core/snapshot_drift.hpp"
#include "engine/catalog_records.hpp"
#include "engine/snapshot_data.hpp"
#include "engine/tag_usages.hpp"

namespace xlsnap {

Status CataloguedCheck::verify(const Subject &subject, const std::string &name) {
    XLSNAP_ASSIGN(const DomainCatalog known, catalog_.read(subject.key));
    XLSNAP_ASSIGN(const SnapshotRecord *record, find_record(known, name));
    Refusals refusals;
    refusals.add(check_fingerprint(ports_.memory_store, *record));
    for (const DiskRecord &disk : record->disks) {
        const std::string who = fmt::format("disk {}", disk.vdev);
        if (disk.kind == DiskSnapshotKind::Internal)
            refusals.add(check_tag(ports_.disk_images, disk), who);
        if (disk.kind == DiskSnapshotKind::External)
            refusals.add(check_kept_image(disk), who);
        if (disk.kind != DiskSnapshotKind::None)
            refusals.add(check_below(disk, known), who);
    }
    return refusals.status().with_context(fmt::format("snapshot '{}'", name));
}

// That the images it stands on are there and what they were. One that nobody can look at is told
// of by the other checks; one of another format stands on nothing.
Status CataloguedCheck::check_below(const DiskRecord &disk, const DomainCatalog &known) {
    if (!ports_.disk_images.examine(disk.path, disk.format))
        return {};
    const Result<ImageChain> chain = ports_.image_chains.chain(disk.path, disk.format);
    if (!chain && chain.error().code == ErrorCode::NotImplemented)
        return {};
    if (!chain)
        return fail(chain.error());
    return changed_below(*chain, known.snapshots, known.domain).status();
}

// That it is what it was, and, told alone, whether anything protects it.
Status CataloguedCheck::check_kept_image(const DiskRecord &disk) {
    XLSNAP_ASSIGN(const ImageFacts facts, ports_.disk_images.examine(disk.path, disk.format));
    XLSNAP_TRY(changed_since(disk, facts.mark).status());
    const Result<bool> kept = ports_.kept_images.is_kept(disk.path);
    if (!kept || !*kept)
        ports_.log.warn(fmt::format(
            "disk {}: {} is not immutable{}: a domain that is started from an old xl.cfg would "
            "write to it and spoil the snapshot; have that file name the overlay (xlsnap config "
            "--rewrite FILE)",
            disk.vdev, disk.path, kept ? "" : " and cannot be made so"));
    return {};
}

std::vector<Result<StorageUsage>> CataloguedCheck::usage(const Subject &subject,
                                                         const std::vector<std::string> &names) {
    std::vector<Result<SnapshotRecord>> records;
    records.reserve(names.size());
    for (const std::string &name : names)
        records.push_back(catalog_.find(subject.key, name));
    TagUsages tags;
    for (const auto &record : records)
        if (record)
            tags.ask_for(*record);
    tags.measure(ports_.disk_images);
    std::vector<Result<StorageUsage>> usages;
    usages.reserve(names.size());
    for (const auto &record : records)
        usages.push_back(record ? usage_of(*record, tags)
                                : Result<StorageUsage>(fail(record.error())));
    return usages;
}

Result<StorageUsage> CataloguedCheck::usage_of(const SnapshotRecord &record,
                                               const TagUsages &tags) {
    Refusals refusals;
    StorageUsage sum;
    if (record.memory) {
        const Result<std::uint64_t> bytes = ports_.memory_store.held_bytes(record.memory->path);
        if (bytes)
            sum = {*bytes, *bytes};
        else
            refusals.add(fail(bytes.error()));
    }
    for (const DiskRecord &disk : record.disks) {
        const Result<StorageUsage> usage = tags.of(disk);
        if (!usage) {
            refusals.add(fail(usage.error()), fmt::format("disk {}", disk.vdev));
            continue;
        }
        sum.held += usage->held;
        sum.freed += usage->freed;
    }
    XLSNAP_TRY(refusals.status());
    return sum;
}

} // namespace xlsnap
