// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <optional>

#include "base/result.hpp"
#include "core/disk_selection.hpp"
#include "core/snapshot_request.hpp"
#include "engine/external_merges.hpp"
#include "engine/layer_work.hpp"
#include "engine/ports.hpp"
#include "engine/waiting.hpp"
#include "ports/catalog.hpp"

namespace xlsnap {

// Deletes external disk snapshots of which no record tells, and of which the caller names both
// images: the one that holds the snapshot, and the overlay on it. The two are merged, by which
// moves less.
class ExternalRemoval {
  public:
    ExternalRemoval(const Ports &ports, Catalog &catalog, const Waiting &wait)
        : ports_(ports), merges_(ports, catalog, wait), work_(ports, catalog, wait) {}

    // Everything that refuses the removal of the disks of the request, which are external. `domid`
    // nothing: the domain does not run.
    Status check(const std::optional<DomainId> &domid, const SnapshotRequest &request);

    // What is gone already is told to the log, and so is which image the disk has afterwards. The
    // overlay is removed when its data have gone down; the other image never is. A failure of one
    // disk does not stop the others; what is read through each disk never changes, and it can be
    // repeated.
    Status remove(const std::optional<DomainId> &domid, const SnapshotRequest &request);

  private:
    Status carry_out(const ExternalScene &scene, const DiskTarget &target,
                     const ExternalMerge &merge);
    void tell(const ExternalScene &scene, const DiskTarget &target, const ExternalMerge &merge);

    Ports ports_;
    ExternalMerges merges_;
    LayerWork work_;
};

} // namespace xlsnap
