// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <optional>
#include <set>
#include <string>

#include "xlsnap.hpp"

namespace xlsnap::cli {

// Nothing when it cannot be told.
using MeasuredUsage = std::optional<SnapshotUsage>;

// The bytes as people read them, "?" when they are not known.
[[nodiscard]] std::string held_of(const MeasuredUsage &usage);
[[nodiscard]] std::string freed_of(const MeasuredUsage &usage);

// Asks for the usage of snapshots. Why one cannot be told is a warning, each reason once: that an
// image cannot be read is the same for all tags in it.
class UsageMeter {
  public:
    explicit UsageMeter(libxl_ctx *ctx) : ctx_(ctx) {}

    [[nodiscard]] MeasuredUsage measure(const libxl_snapshot_domain &domain,
                                        const libxl_domain_snapshot &snapshot);

  private:
    libxl_ctx *ctx_;
    std::set<std::string> told_;
};

} // namespace xlsnap::cli
