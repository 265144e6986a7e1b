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

MeasuredUsage UsageMeter::measure(const libxl_snapshot_domain &domain,
                                  const libxl_domain_snapshot &snapshot) {
    if (snapshot.broken != nullptr) // that is told in its place
        return std::nullopt;
    try {
        return snapshot_usage(ctx_, domain, snapshot.name);
    } catch (const SnapshotError &error) {
        if (told_.insert(error.what()).second)
            warn(called(domain) + ": " + error.what());
        return std::nullopt;
    }
}

} // namespace xlsnap::cli
