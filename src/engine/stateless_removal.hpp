// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "core/snapshot_request.hpp"
#include "engine/domain_finder.hpp"
#include "engine/external_removal.hpp"
#include "engine/inactive_snapshots.hpp"
#include "engine/ports.hpp"
#include "engine/snapshot_service.hpp"
#include "engine/waiting.hpp"
#include "ports/catalog.hpp"

namespace xlsnap {

// Deletes a snapshot of which the caller keeps the records, whatever it is made of.
class StatelessRemoval {
  public:
    // `unique` as in SnapshotService.
    StatelessRemoval(const Ports &ports, Catalog &catalog,
                     const std::function<std::string()> &unique, const Waiting &wait)
        : catalog_(catalog), finder_(ports.toolstack, catalog), service_(ports, unique),
          inactive_(ports, unique), external_(ports, catalog, wait) {}

    // Whatever refuses a part refuses it before anything is touched. `domid` nothing: the domain
    // does not run.
    //
    // External disks are deleted under the locks of the domain's catalog and of all that know one
    // of its images, so that no operation with records takes an image for one that stays. A domain
    // that does not run and that the catalog has nothing of has no lock that anybody would find:
    // there the look at all images before each merge, and qemu-img's own locks, are all there is.
    Status remove(const std::optional<DomainId> &domid, const SnapshotRequest &request);

  private:
    using Locks = std::vector<std::unique_ptr<CatalogLock>>;

    Result<Locks> lock(const std::optional<DomainId> &domid, const SnapshotRequest &external);
    Status check_internal(const std::optional<DomainId> &domid, const SnapshotRequest &request);
    Status remove_internal(const std::optional<DomainId> &domid, const SnapshotRequest &request);

    Catalog &catalog_;
    DomainFinder finder_;
    SnapshotService service_;
    InactiveSnapshots inactive_;
    ExternalRemoval external_;
};

} // namespace xlsnap
