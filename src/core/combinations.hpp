// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "core/domain.hpp"
#include "core/snapshot_record.hpp"

namespace xlsnap {

// Which snapshots there are: every combination of memory and disks, except five
// (docs/combinations.md).

enum class MemoryWish { Default, None, Image };

enum class DiskWishKind { Default, None, Internal, External };

struct AskedDisk {
    DiskWishKind wish = DiskWishKind::Default;
    bool changeable = true; // is_changeable(); other disks take part only when that is said
    bool tags = true;       // holds_tags()
};

struct AskedCombination {
    bool online = false;
    MemoryWish memory = MemoryWish::Default;
    bool disk_only = false;
    bool live = false;
    // To make the tags of all disks would keep the guest standing still for long (standstill.hpp).
    bool slow_tags = false;
    std::vector<AskedDisk> disks = {};
};

enum class CombinationRefusal {
    NothingSelected = 1,
    MemoryOfOfflineDomain,
    MemoryWithDiskOnly,
    InternalWithoutTags, // of the disk
    LiveWithInternal,    // of the disk
};

struct RefusedCombination {
    CombinationRefusal why = CombinationRefusal::NothingSelected;
    std::size_t disk = 0; // where it stands in AskedCombination::disks
};

struct Combination {
    bool memory = false;
    std::vector<DiskSnapshotKind> disks = {}; // of each that was asked about
    std::vector<RefusedCombination> refusals = {};
};

// What a snapshot holds that is asked for so. With refusals the rest means nothing.
//
// Memory takes part by default when there is any, unless the disks are asked for alone. A disk of
// which nothing is said is external for `live`, and when one such disk holds no tags, since then
// all have one kind; else it is as those are of which something is said, if these agree; else
// external when the domain runs and its memory takes no part, or its tags are slow to make; and
// internal in all other cases. `live` means
// nothing else to a snapshot without memory.
[[nodiscard]] Combination combine(const AskedCombination &asked);

// A sentence that says what to do. The format is that of the disk, where it is about one.
[[nodiscard]] std::string reason_of(CombinationRefusal why,
                                    DiskFormat format = DiskFormat::Unknown);

} // namespace xlsnap
