// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "core/disk_selection.hpp"
#include "core/domain.hpp"
#include "core/snapshot_request.hpp"
#include "engine/ports.hpp"

namespace xlsnap {

// What is known of a domain when an operation on it begins.
struct DomainFacts {
    Domain domain;
    std::vector<DiskTarget> targets;
    Status selection; // what is wrong with disks of the request; then the others are the targets
};

// Everything that can refuse an operation on a domain, before anything is touched: all of it in one
// message.
class Verification {
  public:
    explicit Verification(const Ports &ports) : ports_(ports) {}

    Result<DomainFacts> gather(DomainId domid, const SnapshotRequest &request, TagUse use);
    Status check_create(const DomainFacts &facts, const SnapshotRequest &request);
    // The answer is the memory image, when one is wanted. `managed_too`: see RevertOptions.
    Result<std::optional<MemoryImage>>
    check_revert(const DomainFacts &facts, const SnapshotRequest &request, bool managed_too);

    // The error, or that the domain went away meanwhile, if that is why.
    Error blame_absence(const Domain &domain, Error error);

  private:
    Status check_new_tags(const DomainFacts &facts);
    Status check_existing_tags(const DomainFacts &facts);
    Status check_revertible(const DomainFacts &facts);
    Result<MemoryImage> verify_memory_image(const DomainFacts &facts, const std::string &path);

    Ports ports_;
};

} // namespace xlsnap
