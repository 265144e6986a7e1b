// SPDX-License-Identifier: LGPL-2.1-only
#include "engine/catalogued_check.hpp"

#include <cstdint>

#include <fmt/format.h>

#include "core/refusals.hpp"
#include "engine/catalog_records.hpp"
#include "engine/snapshot_data.hpp"

namespace xlsnap {

Status CataloguedCheck::verify(const Subject &subject, const std::string &name) {
    XLSNAP_ASSIGN(const DomainCatalog known, catalog_.read(subject.key));
    XLSNAP_ASSIGN(const SnapshotRecord *record, find_record(known, name));
    Refusals refusals;
    refusals.add(check_fingerprint(ports_.memory_store, *record));
    for (const DiskRecord &disk : record->disks)
        if (disk.kind == DiskSnapshotKind::Internal)
            refusals.add(check_tag(ports_.disk_images, disk), fmt::format("disk {}", disk.vdev));
    return refusals.status().with_context(fmt::format("snapshot '{}'", name));
}

Result<StorageUsage> CataloguedCheck::usage(const Subject &subject, const std::string &name) {
    XLSNAP_ASSIGN(const SnapshotRecord record, catalog_.find(subject.key, name));
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
        const Result<StorageUsage> usage = disk_usage(disk);
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

Result<StorageUsage> CataloguedCheck::disk_usage(const DiskRecord &disk) {
    switch (disk.kind) {
    case DiskSnapshotKind::None:
        break;
    case DiskSnapshotKind::Internal:
        return ports_.disk_images.usage(disk.path, disk.format, disk.tag);
    case DiskSnapshotKind::External:
        return fail(ErrorCode::NotImplemented,
                    fmt::format("what {} holds for an external snapshot is not measured; ask "
                                "qemu-img info",
                                disk.path));
    }
    return StorageUsage{};
}

} // namespace xlsnap
