// SPDX-License-Identifier: LGPL-2.1-only
#include "engine/present_snapshot.hpp"

#include <utility>
#include <vector>

#include <fmt/format.h>

#include "engine/catalog_records.hpp"

namespace xlsnap {

namespace {

std::vector<DiskWish> wishes_like(const SnapshotRecord &record, const Domain &domain) {
    std::vector<DiskWish> wishes;
    for (const DiskRecord &disk : record.disks) {
        const Disk *now = find_disk(domain, disk.vdev);
        if (disk.kind == DiskSnapshotKind::None && now != nullptr && is_changeable(*now))
            wishes.push_back({disk.vdev, DiskWishKind::None});
    }
    return wishes;
}

} // namespace

Result<CreatedSnapshot> PresentSnapshot::create(const OpenedCatalog &opened,
                                                const SnapshotRecord &record,
                                                const std::string &overlay_directory,
                                                bool dry_run) {
    XLSNAP_ASSIGN(const Domain domain, catalogs_.domain_of(opened.subject, opened.known));
    CreateWish wish{.description = fmt::format("before the revert to {}", record.name),
                    .disks = wishes_like(record, domain),
                    .overlay_directory = overlay_directory,
                    .dry_run = dry_run};
    if (record.memory)
        wish.compression = record.memory->compression;
    return create_.create(opened.subject, current_of(opened.known), wish);
}

Result<PlanLines> PresentSnapshot::plan(const OpenedCatalog &opened, const SnapshotRecord &record,
                                        const std::string &overlay_directory) {
    XLSNAP_ASSIGN(CreatedSnapshot planned, create(opened, record, overlay_directory, true));
    return std::move(planned.plan);
}

Result<std::string> PresentSnapshot::keep(const OpenedCatalog &opened, const SnapshotRecord &record,
                                          const std::string &overlay_directory) {
    XLSNAP_ASSIGN(const CreatedSnapshot kept, create(opened, record, overlay_directory, false));
    ports_.log.info(fmt::format("the present state is kept as snapshot '{}'", kept.record.name));
    return fmt::format("the present state is kept as snapshot '{}', but", kept.record.name);
}

} // namespace xlsnap
