// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "core/disk_selection.hpp"
#include "core/domain.hpp"
#include "core/plan.hpp"
#include "core/refusals.hpp"
#include "core/snapshot_request.hpp"
#include "engine/ports.hpp"
#include "engine/revert_options.hpp"
#include "engine/verification.hpp"

namespace xlsnap {

// The three operations on a domain: gather the facts, refuse what can be refused, plan, execute.
class SnapshotService {
  public:
    // `unique` gives a new short string at each call; it becomes part of temporary names.
    SnapshotService(const Ports &ports, std::function<std::string()> unique)
        : ports_(ports), verification_(ports), unique_(std::move(unique)) {}

    // Memory, disks and configuration at one instant. After a failure the domain does what it did
    // before, and nothing of the attempt is left.
    Status create(DomainId domid, const SnapshotRequest &request);

    // The domain goes back to the snapshot, under a new domid. Until everything that the
    // revert needs is verified, the domain is not touched. If a later step fails, the disks go back
    // to what they held and the domain is started again from its configuration.
    Result<Reverted> revert(DomainId domid, const SnapshotRequest &request,
                            const RevertOptions &options = {});

    // What these would do, or what refuses it; nothing is changed.
    Result<Plan> plan_create(DomainId domid, const SnapshotRequest &request);
    Result<Plan> plan_revert(DomainId domid, const SnapshotRequest &request,
                             const RevertOptions &options = {});

    Status check_removal(DomainId domid, const SnapshotRequest &request);

    // Deletes the tags and the memory image. What is gone already is told to the log. External
    // disks are not for this: StatelessRemoval.
    Status remove(DomainId domid, const SnapshotRequest &request);

  private:
    void tell_left_out(const DomainFacts &facts);
    Result<std::unique_ptr<Room>> make_room(const DomainFacts &facts,
                                            const std::string &config_json);
    Result<Plan> verified_plan(const DomainFacts &facts, const SnapshotRequest &request,
                               Verification::Purpose purpose);
    Status try_create(const DomainFacts &facts, const SnapshotRequest &request);
    RevertGoal goal_of(const DomainFacts &facts, const SnapshotRequest &request,
                       const std::optional<MemoryImage> &image, AfterRevert after);

    Ports ports_;
    Verification verification_;
    std::function<std::string()> unique_;
};

} // namespace xlsnap
