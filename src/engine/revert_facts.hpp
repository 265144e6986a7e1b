// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "core/overlay_path.hpp"
#include "core/refusals.hpp"
#include "core/snapshot_drift.hpp"
#include "core/snapshot_record.hpp"
#include "core/snapshot_request.hpp"
#include "engine/ports.hpp"
#include "ports/catalog.hpp"

namespace xlsnap {

// What a revert to a snapshot with a record asks for, and what has become of its disks since.
class RevertFacts {
  public:
    RevertFacts(const Ports &ports, Catalog &catalog) : ports_(ports), catalog_(catalog) {}

    // Of a domain with the disks `present`. The images that it makes have free paths, in
    // `directory` unless that is empty.
    Result<SnapshotRequest> request(const DomainCatalog &known, const SnapshotRecord &record,
                                    const Domain &present, bool force,
                                    const std::string &directory);

    // What has changed since, and is not accepted by force.
    Refusals drift(const DomainCatalog &known, const SnapshotRecord &record, const Domain &present,
                   bool force);

  private:
    std::vector<DiskNow> disks_now(const Domain &domain);
    Refusals check_unchanged(const DiskRecord &disk, const DomainCatalog &known);
    Refusals check_brought_back(const SnapshotRecord &record,
                                const std::vector<std::string> &paths);
    Status name_images(const SnapshotRecord &record, const OverlayPlaces &places,
                       SnapshotRequest &request);

    Ports ports_;
    Catalog &catalog_;
};

// The images that are made for the request, as the domain's record lists them; their marks are for
// the caller to fill in.
[[nodiscard]] std::vector<DomainImage> images_made_for(const SnapshotRequest &request);

// The domain's disks after the revert.
[[nodiscard]] Domain with_reverted_disks(Domain present, const SnapshotRequest &request);

} // namespace xlsnap
