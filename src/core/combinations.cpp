// SPDX-License-Identifier: LGPL-2.1-only
#include "core/combinations.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace xlsnap {

namespace {

bool is_asked(const AskedCombination &asked, DiskWishKind wish) {
    return std::ranges::count(asked.disks, wish, &AskedDisk::wish) != 0;
}

bool takes_part_by_default(const AskedDisk &disk) {
    return disk.wish == DiskWishKind::Default && disk.changeable;
}

bool are_disks_alone(const AskedCombination &asked) {
    return asked.disk_only || asked.memory == MemoryWish::None;
}

DiskSnapshotKind default_disk_kind(const AskedCombination &asked) {
    const bool all_hold_tags = std::ranges::none_of(asked.disks, [](const AskedDisk &disk) {
        return takes_part_by_default(disk) && !disk.tags;
    });
    if (asked.live || !all_hold_tags)
        return DiskSnapshotKind::External;
    const bool internal = is_asked(asked, DiskWishKind::Internal);
    const bool external = is_asked(asked, DiskWishKind::External);
    if (internal != external)
        return internal ? DiskSnapshotKind::Internal : DiskSnapshotKind::External;
    return asked.online && (are_disks_alone(asked) || asked.slow_tags) ? DiskSnapshotKind::External
                                                                       : DiskSnapshotKind::Internal;
}

DiskSnapshotKind disk_kind(const AskedDisk &disk, DiskSnapshotKind by_default) {
    switch (disk.wish) {
    case DiskWishKind::Default:
        break;
    case DiskWishKind::None:
        return DiskSnapshotKind::None;
    case DiskWishKind::Internal:
        return DiskSnapshotKind::Internal;
    case DiskWishKind::External:
        return DiskSnapshotKind::External;
    }
    return disk.changeable ? by_default : DiskSnapshotKind::None;
}

bool is_memory_refused(const AskedCombination &asked) {
    return asked.memory == MemoryWish::Image && (!asked.online || asked.disk_only);
}

bool holds_nothing(const Combination &combination) {
    return !combination.memory && std::ranges::all_of(combination.disks, [](DiskSnapshotKind kind) {
        return kind == DiskSnapshotKind::None;
    });
}

void refuse_disks(const AskedCombination &asked, Combination &combination) {
    for (std::size_t i = 0; i < asked.disks.size(); ++i) {
        if (combination.disks[i] != DiskSnapshotKind::Internal)
            continue;
        // What stands against a disk that cannot change is not its format.
        if (asked.disks[i].changeable && !asked.disks[i].tags)
            combination.refusals.push_back({CombinationRefusal::InternalWithoutTags, i});
        if (asked.live)
            combination.refusals.push_back({CombinationRefusal::LiveWithInternal, i});
    }
}

} // namespace

Combination combine(const AskedCombination &asked) {
    Combination combination;
    combination.memory =
        asked.memory == MemoryWish::Image || (asked.online && !are_disks_alone(asked));
    const DiskSnapshotKind by_default = default_disk_kind(asked);
    for (const AskedDisk &disk : asked.disks)
        combination.disks.push_back(disk_kind(disk, by_default));
    if (is_memory_refused(asked))
        combination.refusals.push_back({asked.online ? CombinationRefusal::MemoryWithDiskOnly
                                                     : CombinationRefusal::MemoryOfOfflineDomain});
    else if (holds_nothing(combination))
        combination.refusals.push_back({CombinationRefusal::NothingSelected});
    refuse_disks(asked, combination);
    return combination;
}

std::string reason_of(CombinationRefusal why, DiskFormat format) {
    switch (why) {
    case CombinationRefusal::NothingSelected:
        return "neither memory nor a writable disk was asked for; name at least one";
    case CombinationRefusal::MemoryOfOfflineDomain:
        return "a domain that does not run has no memory to save; ask for its disks alone";
    case CombinationRefusal::MemoryWithDiskOnly:
        return "a snapshot of disks alone has no memory; ask for one of the two";
    case CombinationRefusal::InternalWithoutTags:
        return fmt::format("format {} holds no internal snapshots; {}convert the image (qemu-img "
                           "convert -O qcow2), or leave it out",
                           to_string(format),
                           carries_overlay(format) ? "ask for an external one, " : "");
    case CombinationRefusal::LiveWithInternal:
        break;
    }
    return "a live snapshot has no internal disk snapshots; ask for an external one, or for one "
           "that is not live";
}

} // namespace xlsnap
