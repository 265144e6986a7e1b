// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "core/blockers.hpp"
#include "core/disk_selection.hpp"
#include "core/domain.hpp"
#include "core/refusals.hpp"
#include "core/snapshot_request.hpp"
#include "core/tag_check.hpp"
#include "engine/ports.hpp"
#include "engine/revert_options.hpp"

namespace xlsnap {

// What is known of a domain when an operation on it begins.
struct DomainFacts {
    Operation operation = Operation::Create;
    Domain domain;
    std::vector<DiskTarget> targets;
    std::vector<DiskTarget> detached; // SnapshotRequest::detached
    Refusals request; // what is wrong with it, as with a disk; then the others are the targets
};

// Disks whose image a QEMU has open, and those whose image nobody has (QEMU died, say).
struct DisksByUse {
    std::vector<DiskTarget> open;
    std::vector<DiskTarget> closed;
};

// Everything that can refuse an operation on a domain, before anything is touched: all of it in one
// message.
class Verification {
  public:
    explicit Verification(const Ports &ports) : ports_(ports) {}

    Result<DomainFacts> gather(DomainId domid, const SnapshotRequest &request, Operation operation);
    // What an act asks of QEMU itself before it changes anything that stays is not asked for it.
    enum class Purpose { Plan, Act };
    Status check_create(const DomainFacts &facts, const SnapshotRequest &request, Purpose purpose);
    // The answer is the memory image, when one is wanted.
    Result<std::optional<MemoryImage>> check_revert(const DomainFacts &facts,
                                                    const SnapshotRequest &request,
                                                    const RevertOptions &options);

    Result<DisksByUse> check_delete(const DomainFacts &facts);

    // The error, or that the domain went away meanwhile or is about to, if that is why.
    Error blame_absence(const Domain &domain, Error error);

  private:
    Error blame_state(DomainId domid, Operation operation, Error error);
    Status check_place(const SnapshotRequest &request, std::uint64_t bytes);
    std::optional<std::vector<ListedTags>>
    ask_qemu(const DomainFacts &facts, const std::vector<DiskTarget> &targets, Refusals &refusals);
    static bool asks_later(const DomainFacts &facts, const SnapshotRequest &request,
                           Purpose purpose);
    Refusals check_new_tags(const DomainFacts &facts);
    Refusals check_existing_tags(const DomainFacts &facts, const std::vector<DiskTarget> &targets);
    void gather_detached(DomainFacts &facts, const SnapshotRequest &request);
    std::optional<MemoryImage> verify_memory_image(const DomainFacts &facts,
                                                   const SnapshotRequest &request,
                                                   Refusals &refusals);
    DisksByUse divide(const std::vector<DiskTarget> &targets, Refusals &refusals);
    Status check_not_ending(const DomainFacts &facts);
    Refusals check_open(const DomainFacts &facts, const std::vector<DiskTarget> &targets);

    Ports ports_;
};

} // namespace xlsnap
