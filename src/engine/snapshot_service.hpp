// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <functional>
#include <string>

#include "base/result.hpp"
#include "core/disk_selection.hpp"
#include "core/domain.hpp"
#include "core/snapshot_request.hpp"
#include "engine/ports.hpp"

namespace xlsnap {

enum class AfterRevert {
    AsBefore, // as the domain was when the snapshot was made; without memory, as it is now
    Paused,
};

// The three operations on a domain: gather the facts, refuse what can be refused, plan, execute.
class SnapshotService {
  public:
    // `unique` gives a new short string at each call; it becomes part of temporary names.
    SnapshotService(const Ports &ports, std::function<std::string()> unique)
        : ports_(ports), unique_(std::move(unique)) {}

    // Memory, disks and configuration at one instant. After a failure the domain does what it did
    // before, and nothing of the attempt is left.
    Status create(DomainId domid, const SnapshotRequest &request);

    // The domain goes back to the snapshot; the answer is its new domid. Until everything that the
    // revert needs is verified, the domain is not touched. If a later step fails, the disks go back
    // to what they held and the domain is started again from its configuration.
    Result<DomainId> revert(DomainId domid, const SnapshotRequest &request,
                            AfterRevert after = AfterRevert::AsBefore);

    // Deletes the tags and the memory image. What is gone already is told to the log.
    Status remove(DomainId domid, const SnapshotRequest &request);

  private:
    struct Facts;

    Result<Facts> gather(DomainId domid, const SnapshotRequest &request, TagUse use);
    void tell_left_out(const Facts &facts);
    Status check_exclusive(const Facts &facts);

    Ports ports_;
    std::function<std::string()> unique_;
};

} // namespace xlsnap
