// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>

#include "base/result.hpp"
#include "core/snapshot_record.hpp"
#include "engine/catalogued_create.hpp"
#include "engine/catalogued_subject.hpp"
#include "engine/domain_catalogs.hpp"
#include "engine/ports.hpp"

namespace xlsnap {

// The snapshot of the present state that a revert makes first when that state shall be kept. It
// leaves out the disks that the snapshot which is reverted to leaves out.
class PresentSnapshot {
  public:
    PresentSnapshot(const Ports &ports, Catalog &catalog, const Circumstances &circumstances)
        : ports_(ports), catalogs_(ports, catalog), create_(ports, catalog, circumstances) {}

    Result<PlanLines> plan(const OpenedCatalog &opened, const SnapshotRecord &record,
                           const std::string &overlay_directory);

    // How to begin the message of a failure from now on: it says which snapshot this is.
    Result<std::string> keep(const OpenedCatalog &opened, const SnapshotRecord &record,
                             const std::string &overlay_directory);

  private:
    Result<CreatedSnapshot> create(const OpenedCatalog &opened, const SnapshotRecord &record,
                                   const std::string &overlay_directory, bool dry_run);

    Ports ports_;
    DomainCatalogs catalogs_;
    CataloguedCreate create_;
};

} // namespace xlsnap
