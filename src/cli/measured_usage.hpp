// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "xlsnap.hpp"

namespace xlsnap::cli {

// Nothing when it cannot be told.
using MeasuredUsage = std::optional<SnapshotUsage>;

// The bytes as people read them, "?" when they are not known.
[[nodiscard]] std::string held_of(const MeasuredUsage &usage);
[[nodiscard]] std::string freed_of(const MeasuredUsage &usage);

// The usage of each of the domain's snapshots. Why one cannot be told is a warning.
[[nodiscard]] std::vector<MeasuredUsage>
measure_usages(libxl_ctx *ctx, const libxl_snapshot_domain &domain,
               std::span<const libxl_domain_snapshot> snapshots);

} // namespace xlsnap::cli
