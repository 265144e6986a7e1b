// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "core/plan.hpp"
#include "core/snapshot_request.hpp"
#include "engine/ports.hpp"
#include "engine/revert_options.hpp"

namespace xlsnap {

// How a domain that does not run is to be started.
struct StartRequest {
    // The disks to revert, and the memory image to build it from; empty: from the configuration,
    // on the disks as they are.
    SnapshotRequest snapshot;
    // libxl_domain_config in libxl's JSON; with a memory image that one's counts.
    std::string config_json;
    RevertOptions options;
};

// Starts a domain that does not run, at a snapshot or as it is. What is needed is verified before
// any image is changed; if a later step fails, the disks go back to what they held and no domain is
// left.
class DomainStart {
  public:
    // `unique` as in SnapshotService.
    DomainStart(const Ports &ports, std::function<std::string()> unique)
        : ports_(ports), unique_(std::move(unique)) {}

    Result<Reverted> start(const StartRequest &request);

    // What it would do, or what refuses it; nothing is changed.
    Result<Plan> plan(const StartRequest &request);

  private:
    struct Prepared {
        Domain domain; // as it will be
        std::optional<MemoryImage> image;
        Plan plan;
    };

    Result<Prepared> prepare(const StartRequest &request);
    Status check_identity(const std::string &image_config, const StartRequest &request,
                          const std::vector<DiskTarget> &targets);
    std::optional<MemoryImage> open_image(const SnapshotRequest &request, Refusals &refusals);
    std::vector<DiskTarget> check_disks(const SnapshotRequest &request, Refusals &refusals);

    Ports ports_;
    std::function<std::string()> unique_;
};

} // namespace xlsnap
