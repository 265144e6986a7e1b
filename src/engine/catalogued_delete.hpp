// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>

#include "base/result.hpp"
#include "core/snapshot_deletion.hpp"
#include "core/snapshot_record.hpp"
#include "core/snapshot_request.hpp"
#include "engine/catalogued_subject.hpp"
#include "engine/domain_catalogs.hpp"
#include "engine/inactive_snapshots.hpp"
#include "engine/ports.hpp"
#include "engine/snapshot_service.hpp"
#include "ports/catalog.hpp"

namespace xlsnap {

// What a snapshot keeps outside the catalog, by who can delete it.
struct DataRequests {
    SnapshotRequest attached; // of disks that the running domain has, and the memory image
    SnapshotRequest detached; // of images that nobody should have open
};

// Deletes snapshots with their records. A record goes when nothing of its snapshot is left.
class CataloguedDelete {
  public:
    CataloguedDelete(const Ports &ports, Catalog &catalog, const Circumstances &circumstances)
        : ports_(ports), catalog_(catalog), catalogs_(ports.toolstack, catalog),
          service_(ports, circumstances.unique), inactive_(ports, circumstances.unique) {}

    // May be called again after a failure: what is gone already is told to the log.
    Result<PlanLines> remove(const Subject &subject, const std::string &name,
                             const DeletionWish &wish, bool dry_run);

  private:
    Result<PlanLines> remove_broken(const std::string &key, const std::string &name,
                                    const DeletionWish &wish, bool dry_run);
    Status check_data_removal(const OpenedCatalog &opened, const SnapshotDeletion &deletion);
    Status carry_out(const OpenedCatalog &opened, const SnapshotDeletion &deletion,
                     bool metadata_only);
    Status remove_record(const OpenedCatalog &opened, const SnapshotDeletion &deletion,
                         const SnapshotRecord &record);
    Result<DataRequests> data_of(const Subject &subject, const SnapshotRecord &record);
    Status remove_data(const Subject &subject, const SnapshotRecord &record);
    void drop_vanished(SnapshotRequest &request);

    Ports ports_;
    Catalog &catalog_;
    DomainCatalogs catalogs_;
    SnapshotService service_;
    InactiveSnapshots inactive_;
};

} // namespace xlsnap
