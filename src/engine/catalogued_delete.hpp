// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>

#include "base/result.hpp"
#include "core/snapshot_deletion.hpp"
#include "core/snapshot_record.hpp"
#include "engine/catalogued_revert.hpp"
#include "engine/catalogued_subject.hpp"
#include "engine/domain_catalogs.hpp"
#include "engine/layer_tidying.hpp"
#include "engine/ports.hpp"
#include "engine/snapshot_removal.hpp"
#include "ports/catalog.hpp"

namespace xlsnap {

// Deletes snapshots with their records. A record goes when nothing of its snapshot is left but
// images that nobody means any more: these are tidied away last.
class CataloguedDelete {
  public:
    CataloguedDelete(const Ports &ports, Catalog &catalog, const Circumstances &circumstances)
        : ports_(ports), catalog_(catalog), catalogs_(ports, catalog),
          removal_(ports, catalog, circumstances), tidying_(ports, catalog, circumstances.wait),
          revert_(ports, catalog, circumstances) {}

    // May be called again after a failure: what is gone already is told to the log. A discard takes
    // the disks back first, and deletes when they are there.
    Result<PlanLines> remove(const Subject &subject, const std::string &name,
                             const DeletionWish &wish, bool dry_run);

  private:
    Result<PlanLines> remove_broken(const Subject &subject, const std::string &name,
                                    const DeletionWish &wish, bool dry_run);
    Result<PlanLines> check(const OpenedCatalog &opened, const SnapshotDeletion &deletion,
                            const DeletionWish &wish);
    Status take_back(OpenedCatalog &opened, const SnapshotDeletion &deletion);
    Status check_data_removal(const OpenedCatalog &opened, const SnapshotDeletion &deletion);
    Result<PlanLines> check_tidying(const OpenedCatalog &opened, const SnapshotDeletion &deletion);
    Status carry_out(OpenedCatalog &opened, const SnapshotDeletion &deletion, bool metadata_only);
    Status remove_record(OpenedCatalog &opened, const SnapshotDeletion &deletion,
                         const SnapshotRecord &record);

    Ports ports_;
    Catalog &catalog_;
    DomainCatalogs catalogs_;
    SnapshotRemoval removal_;
    LayerTidying tidying_;
    CataloguedRevert revert_;
};

} // namespace xlsnap
