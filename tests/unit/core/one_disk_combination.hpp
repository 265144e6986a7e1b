// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>

#include "core/combinations.hpp"

namespace xlsnap {

// What there is of a combination, in the words of docs/combinations.md: "memory, external", say, or
// "refused 4 5".
inline std::string words_of(const Combination &combination) {
    std::string words;
    if (!combination.refusals.empty()) {
        words = "refused";
        for (const RefusedCombination &refused : combination.refusals)
            words += " " + std::to_string(static_cast<int>(refused.why));
        return words;
    }
    if (combination.memory)
        words = "memory";
    for (const DiskSnapshotKind kind : combination.disks)
        if (kind != DiskSnapshotKind::None)
            words += std::string(words.empty() ? "" : ", ") +
                     (kind == DiskSnapshotKind::Internal ? "internal" : "external");
    return words;
}

} // namespace xlsnap
