// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "libxl_snapshot.h"

namespace xlsnap::cli {

// What prune takes: what both rules take that are given; nothing when none is.
struct PruneRules {
    std::optional<std::size_t> keep;         // all but this many, the newest
    std::optional<std::uint64_t> older_than; // those of more seconds ago
};

// The names of the snapshots to be deleted, each before its parent. Never the current one, a
// protected one or a broken one; the former two count among the newest. Of snapshots of the same
// second the later in the list is the newer.
[[nodiscard]] std::vector<std::string> to_prune(std::span<const libxl_domain_snapshot> snapshots,
                                                const PruneRules &rules, std::uint64_t now);

} // namespace xlsnap::cli
