// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

namespace xlsnap {

// What there shall be of each combination, for a domain with one disk. Written from the rules, not
// by the code: what is refused has the number of its CombinationRefusal.
struct CombinationCell {
    const char *domain;
    const char *memory;
    const char *disk;
    const char *disk_only; // or nothing
    const char *live;      // or nothing
    const char *on_qcow2;  // the disk's image holds tags
    const char *on_raw;    // and does not
};

// clang-format off
inline constexpr CombinationCell kCombinationCells[] = {
    {"offline", "default", "default", "", "", "internal", "external"},
    {"offline", "default", "default", "", "live", "external", "external"},
    {"offline", "default", "default", "disk-only", "", "internal", "external"},
    {"offline", "default", "default", "disk-only", "live", "external", "external"},
    {"offline", "default", "none", "", "", "refused 1", "refused 1"},
    {"offline", "default", "none", "", "live", "refused 1", "refused 1"},
    {"offline", "default", "none", "disk-only", "", "refused 1", "refused 1"},
    {"offline", "default", "none", "disk-only", "live", "refused 1", "refused 1"},
    {"offline", "default", "internal", "", "", "internal", "refused 4"},
    {"offline", "default", "internal", "", "live", "refused 5", "refused 4 5"},
    {"offline", "default", "internal", "disk-only", "", "internal", "refused 4"},
    {"offline", "default", "internal", "disk-only", "live", "refused 5", "refused 4 5"},
    {"offline", "default", "external", "", "", "external", "external"},
    {"offline", "default", "external", "", "live", "external", "external"},
    {"offline", "default", "external", "disk-only", "", "external", "external"},
    {"offline", "default", "external", "disk-only", "live", "external", "external"},
    {"offline", "none", "default", "", "", "internal", "external"},
    {"offline", "none", "default", "", "live", "external", "external"},
    {"offline", "none", "default", "disk-only", "", "internal", "external"},
    {"offline", "none", "default", "disk-only", "live", "external", "external"},
    {"offline", "none", "none", "", "", "refused 1", "refused 1"},
    {"offline", "none", "none", "", "live", "refused 1", "refused 1"},
    {"offline", "none", "none", "disk-only", "", "refused 1", "refused 1"},
    {"offline", "none", "none", "disk-only", "live", "refused 1", "refused 1"},
    {"offline", "none", "internal", "", "", "internal", "refused 4"},
    {"offline", "none", "internal", "", "live", "refused 5", "refused 4 5"},
    {"offline", "none", "internal", "disk-only", "", "internal", "refused 4"},
    {"offline", "none", "internal", "disk-only", "live", "refused 5", "refused 4 5"},
    {"offline", "none", "external", "", "", "external", "external"},
    {"offline", "none", "external", "", "live", "external", "external"},
    {"offline", "none", "external", "disk-only", "", "external", "external"},
    {"offline", "none", "external", "disk-only", "live", "external", "external"},
    {"offline", "image", "default", "", "", "refused 2", "refused 2"},
    {"offline", "image", "default", "", "live", "refused 2", "refused 2"},
    {"offline", "image", "default", "disk-only", "", "refused 2", "refused 2"},
    {"offline", "image", "default", "disk-only", "live", "refused 2", "refused 2"},
    {"offline", "image", "none", "", "", "refused 2", "refused 2"},
    {"offline", "image", "none", "", "live", "refused 2", "refused 2"},
    {"offline", "image", "none", "disk-only", "", "refused 2", "refused 2"},
    {"offline", "image", "none", "disk-only", "live", "refused 2", "refused 2"},
    {"offline", "image", "internal", "", "", "refused 2", "refused 2 4"},
    {"offline", "image", "internal", "", "live", "refused 2 5", "refused 2 4 5"},
    {"offline", "image", "internal", "disk-only", "", "refused 2", "refused 2 4"},
    {"offline", "image", "internal", "disk-only", "live", "refused 2 5", "refused 2 4 5"},
    {"offline", "image", "external", "", "", "refused 2", "refused 2"},
    {"offline", "image", "external", "", "live", "refused 2", "refused 2"},
    {"offline", "image", "external", "disk-only", "", "refused 2", "refused 2"},
    {"offline", "image", "external", "disk-only", "live", "refused 2", "refused 2"},
    {"online", "default", "default", "", "", "memory, internal", "memory, external"},
    {"online", "default", "default", "", "live", "memory, external", "memory, external"},
    {"online", "default", "default", "disk-only", "", "external", "external"},
    {"online", "default", "default", "disk-only", "live", "external", "external"},
    {"online", "default", "none", "", "", "memory", "memory"},
    {"online", "default", "none", "", "live", "memory", "memory"},
    {"online", "default", "none", "disk-only", "", "refused 1", "refused 1"},
    {"online", "default", "none", "disk-only", "live", "refused 1", "refused 1"},
    {"online", "default", "internal", "", "", "memory, internal", "refused 4"},
    {"online", "default", "internal", "", "live", "refused 5", "refused 4 5"},
    {"online", "default", "internal", "disk-only", "", "internal", "refused 4"},
    {"online", "default", "internal", "disk-only", "live", "refused 5", "refused 4 5"},
    {"online", "default", "external", "", "", "memory, external", "memory, external"},
    {"online", "default", "external", "", "live", "memory, external", "memory, external"},
    {"online", "default", "external", "disk-only", "", "external", "external"},
    {"online", "default", "external", "disk-only", "live", "external", "external"},
    {"online", "none", "default", "", "", "external", "external"},
    {"online", "none", "default", "", "live", "external", "external"},
    {"online", "none", "default", "disk-only", "", "external", "external"},
    {"online", "none", "default", "disk-only", "live", "external", "external"},
    {"online", "none", "none", "", "", "refused 1", "refused 1"},
    {"online", "none", "none", "", "live", "refused 1", "refused 1"},
    {"online", "none", "none", "disk-only", "", "refused 1", "refused 1"},
    {"online", "none", "none", "disk-only", "live", "refused 1", "refused 1"},
    {"online", "none", "internal", "", "", "internal", "refused 4"},
    {"online", "none", "internal", "", "live", "refused 5", "refused 4 5"},
    {"online", "none", "internal", "disk-only", "", "internal", "refused 4"},
    {"online", "none", "internal", "disk-only", "live", "refused 5", "refused 4 5"},
    {"online", "none", "external", "", "", "external", "external"},
    {"online", "none", "external", "", "live", "external", "external"},
    {"online", "none", "external", "disk-only", "", "external", "external"},
    {"online", "none", "external", "disk-only", "live", "external", "external"},
    {"online", "image", "default", "", "", "memory, internal", "memory, external"},
    {"online", "image", "default", "", "live", "memory, external", "memory, external"},
    {"online", "image", "default", "disk-only", "", "refused 3", "refused 3"},
    {"online", "image", "default", "disk-only", "live", "refused 3", "refused 3"},
    {"online", "image", "none", "", "", "memory", "memory"},
    {"online", "image", "none", "", "live", "memory", "memory"},
    {"online", "image", "none", "disk-only", "", "refused 3", "refused 3"},
    {"online", "image", "none", "disk-only", "live", "refused 3", "refused 3"},
    {"online", "image", "internal", "", "", "memory, internal", "refused 4"},
    {"online", "image", "internal", "", "live", "refused 5", "refused 4 5"},
    {"online", "image", "internal", "disk-only", "", "refused 3", "refused 3 4"},
    {"online", "image", "internal", "disk-only", "live", "refused 3 5", "refused 3 4 5"},
    {"online", "image", "external", "", "", "memory, external", "memory, external"},
    {"online", "image", "external", "", "live", "memory, external", "memory, external"},
    {"online", "image", "external", "disk-only", "", "refused 3", "refused 3"},
    {"online", "image", "external", "disk-only", "live", "refused 3", "refused 3"},
};
// clang-format on

} // namespace xlsnap
