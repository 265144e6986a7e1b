// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "core/snapshot_request.hpp"
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
        : service_(ports, unique), inactive_(ports, unique), external_(ports, catalog, wait) {}

    // Whatever refuses a part refuses it before anything is touched. `domid` nothing: the domain
    // does not run.
    Status remove(const std::optional<DomainId> &domid, const SnapshotRequest &request);

  private:
    Status check_internal(const std::optional<DomainId> &domid, const SnapshotRequest &request);
    Status remove_internal(const std::optional<DomainId> &domid, const SnapshotRequest &request);

    SnapshotService service_;
    InactiveSnapshots inactive_;
    ExternalRemoval external_;
};

} // namespace xlsnap
