// SPDX-License-Identifier: LGPL-2.1-only
#include "core/snapshot_choice.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/disk_selection.hpp"
#include "core/refusals.hpp"

namespace xlsnap {

namespace {

Status check_wishes(const Domain &domain, const std::vector<DiskWish> &wishes) {
    Refusals refusals;
    for (const DiskWish &wish : wishes) {
        if (find_disk(domain, wish.vdev) == nullptr)
            refusals.add(ErrorCode::Invalid, no_such_disk(domain, wish.vdev));
        else if (std::ranges::count(wishes, wish.vdev, &DiskWish::vdev) > 1)
            refusals.add(ErrorCode::Invalid,
                         fmt::format("disk {} is named twice; name it once", wish.vdev));
    }
    return refusals.status();
}

DiskWishKind wish_about(const Disk &disk, const std::vector<DiskWish> &wishes) {
    const auto found = std::ranges::find(wishes, disk.vdev, &DiskWish::vdev);
    return found == wishes.end() ? DiskWishKind::Default : found->kind;
}

// What the snapshot holds of the disk.
DiskSnapshotKind chosen_kind(const Disk &disk, DiskWishKind wish) {
    switch (wish) {
    case DiskWishKind::Default:
        break;
    case DiskWishKind::None:
        return DiskSnapshotKind::None;
    case DiskWishKind::Internal:
        return DiskSnapshotKind::Internal;
    case DiskWishKind::External:
        return DiskSnapshotKind::External;
    }
    return is_changeable(disk) ? DiskSnapshotKind::Internal : DiskSnapshotKind::None;
}

DiskRecord record_of(const Disk &disk, const std::vector<DiskRequest> &requests) {
    DiskRecord record;
    record.vdev = disk.vdev;
    record.path = disk.path;
    record.format = disk.format;
    record.writable = disk.writable && !disk.cdrom;
    const auto request = std::ranges::find(requests, disk.vdev, &DiskRequest::vdev);
    if (request == requests.end())
        return record;
    record.kind = request->external ? DiskSnapshotKind::External : DiskSnapshotKind::Internal;
    if (!request->external)
        record.tag = request->tag;
    return record;
}

} // namespace

Result<std::vector<DiskRequest>>
choose_disks(const Domain &domain, const std::vector<DiskWish> &wishes, const std::string &tag) {
    XLSNAP_TRY(check_wishes(domain, wishes));
    std::vector<DiskRequest> requests;
    for (const Disk &disk : domain.disks) {
        const DiskSnapshotKind kind = chosen_kind(disk, wish_about(disk, wishes));
        if (kind != DiskSnapshotKind::None)
            requests.push_back(DiskRequest{disk.vdev, disk.path, tag,
                                           kind == DiskSnapshotKind::External, disk.format});
    }
    return requests;
}

std::vector<DiskRecord> disk_records(const Domain &domain,
                                     const std::vector<DiskRequest> &requests) {
    std::vector<DiskRecord> records;
    for (const Disk &disk : domain.disks)
        if (has_image(disk))
            records.push_back(record_of(disk, requests));
    return records;
}

} // namespace xlsnap
