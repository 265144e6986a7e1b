// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <optional>
#include <vector>

#include "base/result.hpp"
#include "core/snapshot_record.hpp"
#include "core/snapshot_request.hpp"
#include "engine/catalogued_subject.hpp"
#include "engine/inactive_snapshots.hpp"
#include "engine/ports.hpp"
#include "engine/snapshot_service.hpp"
#include "ports/catalog.hpp"

namespace xlsnap {

// What a snapshot keeps outside the catalog, by who can delete it. What its external disks hold is
// in none of these: LayerTidying sees to images when no record means them any more.
struct SnapshotData {
    SnapshotRequest attached; // of disks that the running domain has, and the memory image
    SnapshotRequest detached; // of images that nobody should have open
    // Tags in images that others stand on, or may: these are declared dead, and LayerTidying
    // removes them when it can.
    SnapshotRequest at_rest;
    std::vector<DiskRequest> below_the_domain; // which the domain's own QEMU reads: not now
};

// Removes what snapshots keep outside the catalog.
class SnapshotRemoval {
  public:
    SnapshotRemoval(const Ports &ports, Catalog &catalog, const Circumstances &circumstances)
        : ports_(ports), catalog_(catalog), service_(ports, circumstances.unique),
          inactive_(ports, circumstances.unique) {}

    // Everything that refuses the removal.
    Status check(const Subject &subject, const DomainRecord &domain, const SnapshotRecord &record);

    // Can be repeated. When it succeeds the domain's record has the tags that are left.
    Status remove(const Subject &subject, DomainRecord &domain, const SnapshotRecord &record);

    // The record alone is to go: the images that its external disks hold are pinned from now on.
    // LayerTidying::let_go ends this when the record is gone.
    Status let_go(DomainRecord &domain, const SnapshotRecord &record);

    // The same of a broken record: all images are pinned that it may mean.
    Status let_go_unrecorded(DomainCatalog &known);

  private:
    Result<SnapshotData> data_of(const Subject &subject, const DomainRecord &domain,
                                 const SnapshotRecord &record);
    Result<bool> is_below(const Domain &domain, const DiskRequest &disk);
    Status check_memory(const SnapshotRecord &record);
    Status write(DomainRecord changed, DomainRecord &domain);
    Status declare_dead(const SnapshotData &data, DomainRecord &domain);
    void drop_vanished_unless_attached(SnapshotRequest &request,
                                       const std::optional<Domain> &running);

    Ports ports_;
    Catalog &catalog_;
    SnapshotService service_;
    InactiveSnapshots inactive_;
};

} // namespace xlsnap
