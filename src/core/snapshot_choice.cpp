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

DiskWish wish_about(const Disk &disk, const std::vector<DiskWish> &wishes) {
    const auto found = std::ranges::find(wishes, disk.vdev, &DiskWish::vdev);
    return found == wishes.end() ? DiskWish{disk.vdev} : *found;
}

AskedCombination asked_of(const Domain &domain, const SnapshotWish &wish) {
    AskedCombination asked{wish.online, wish.memory, wish.disk_only, wish.live, wish.slow_tags};
    for (const Disk &disk : domain.disks)
        asked.disks.push_back(
            {wish_about(disk, wish.disks).kind, is_changeable(disk), holds_tags(disk.format)});
    return asked;
}

bool is_about_a_disk(CombinationRefusal why) {
    return why == CombinationRefusal::InternalWithoutTags ||
           why == CombinationRefusal::LiveWithInternal;
}

Status check_combination(const Combination &combination, const Domain &domain) {
    Refusals refusals;
    for (const RefusedCombination &refused : combination.refusals) {
        if (is_about_a_disk(refused.why)) {
            const Disk &disk = domain.disks[refused.disk];
            refusals.add(fail(ErrorCode::Invalid, reason_of(refused.why, disk.format)),
                         "disk " + disk.vdev);
        } else {
            refusals.add(ErrorCode::Invalid, reason_of(refused.why));
        }
    }
    return refusals.status();
}

DiskRequest request_for(const Disk &disk, DiskSnapshotKind kind, const SnapshotWish &wish) {
    DiskRequest request{disk.vdev, disk.path, wish.tag, false, disk.format};
    if (kind == DiskSnapshotKind::Internal)
        return request;
    const DiskWish asked = wish_about(disk, wish.disks);
    request.external = true;
    request.tag = wish.name;
    request.overlay = asked.path;
    request.overlay_format = asked.format;
    return request;
}

// An empty drive is refused by the selection.
bool gets_overlay(const DiskRequest &request) {
    return request.external && !request.path.empty();
}

Status name_overlays(std::vector<DiskRequest> &requests, const OverlayPlaces &places) {
    std::vector<OverlayWish> wishes;
    for (const DiskRequest &request : requests)
        if (gets_overlay(request))
            wishes.push_back({request.overlay, request.vdev, request.path, request.tag});
    const auto paths = overlay_paths(wishes, places);
    Refusals refusals;
    auto path = paths.begin();
    for (DiskRequest &request : requests) {
        if (!gets_overlay(request))
            continue;
        if (*path)
            request.overlay = **path;
        else
            refusals.add(fail(path->error()), "disk " + request.vdev);
        ++path;
    }
    return refusals.status();
}

// What stands against a domain that runs is told with all else that does.
Status check_restriction(const Domain &domain, const SnapshotChoice &choice, bool online) {
    Refusals refusals;
    for (const DiskRequest &request : choice.disks)
        if (request.external && domain.hindrances.restricted_qemu && !online)
            refusals.add(ErrorCode::Invalid,
                         fmt::format("disk {}: the domain's QEMU, restricted by dm_restrict=1, "
                                     "could write no more than 256 KiB of its overlay; ask for an "
                                     "internal snapshot, or take dm_restrict out of the "
                                     "configuration",
                                     request.vdev));
    return refusals.status();
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
    if (!request->external) {
        record.tag = request->tag;
        return record;
    }
    record.overlay = request->overlay;
    record.overlay_format = request->overlay_format;
    return record;
}

} // namespace

Result<SnapshotChoice> choose_snapshot(const Domain &domain, const SnapshotWish &wish) {
    XLSNAP_TRY(check_wishes(domain, wish.disks));
    const Combination combination = combine(asked_of(domain, wish));
    XLSNAP_TRY(check_combination(combination, domain));
    SnapshotChoice choice;
    choice.memory = combination.memory;
    for (std::size_t i = 0; i < domain.disks.size(); ++i)
        if (combination.disks[i] != DiskSnapshotKind::None)
            choice.disks.push_back(request_for(domain.disks[i], combination.disks[i], wish));
    XLSNAP_TRY(check_restriction(domain, choice, wish.online));
    XLSNAP_TRY(name_overlays(choice.disks, wish.overlays));
    return choice;
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
