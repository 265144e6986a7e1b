// SPDX-License-Identifier: LGPL-2.1-only
#include "cli/measured_usage.hpp"

#include "cli/outcome.hpp"
#include "cli/units.hpp"

namespace xlsnap::cli {

std::string held_of(const MeasuredUsage &usage) {
    return usage ? size_text(usage->held) : "?";
}

std::string freed_of(const MeasuredUsage &usage) {
    return usage ? size_text(usage->freed) : "?";
}

std::vector<MeasuredUsage> measure_usages(libxl_ctx *ctx, const libxl_snapshot_domain &domain,
                                          std::span<const libxl_domain_snapshot> snapshots) {
    std::vector<std::string> names;
    for (const libxl_domain_snapshot &snapshot : snapshots)
        if (snapshot.broken == nullptr) // that is told in its place
            names.emplace_back(snapshot.name);
    const SnapshotUsages measured = snapshot_usages(ctx, domain, names);
    if (!measured.reason.empty())
        warn(called(domain) + ": " + measured.reason);
    std::vector<MeasuredUsage> usages;
    std::size_t next = 0;
    for (const libxl_domain_snapshot &snapshot : snapshots)
        usages.push_back(snapshot.broken == nullptr ? measured.each[next++] : std::nullopt);
    return usages;
}

} // namespace xlsnap::cli
