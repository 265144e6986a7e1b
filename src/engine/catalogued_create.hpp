// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "core/snapshot_record.hpp"
#include "engine/catalogued_subject.hpp"
#include "engine/domain_catalogs.hpp"
#include "engine/inactive_snapshots.hpp"
#include "engine/layer_tidying.hpp"
#include "engine/overlay_withdrawal.hpp"
#include "engine/ports.hpp"
#include "engine/snapshot_drafts.hpp"
#include "engine/snapshot_service.hpp"
#include "ports/catalog.hpp"

namespace xlsnap {

struct CreatedSnapshot {
    SnapshotRecord record;
    std::string parent; // its name; empty: a root
    PlanLines plan;
    // What could not be done after the snapshot was made: leaving the domain paused, or making
    // images immutable.
    Status closing;
};

// Makes snapshots with records. A record is written when all that it tells of is there, so that the
// catalog lists nothing that cannot be reverted to.
class CataloguedCreate {
  public:
    CataloguedCreate(const Ports &ports, Catalog &catalog, Circumstances circumstances);

    // After a failure the domain does what it did before, and neither data nor record is left. A
    // memory image that cannot be compressed is no failure: it stays as it is, and the log is told.
    Result<CreatedSnapshot> create(const Subject &subject, const CreateWish &wish);

    // The same within an operation that has the catalog open.
    Result<CreatedSnapshot> create(const Subject &subject, const CurrentSnapshot &known,
                                   const CreateWish &wish);

  private:
    Result<PlanLines> plan(const Subject &subject, const Domain &domain, const SnapshotDraft &draft,
                           const CreateWish &wish);
    Status close(const Subject &subject, const SnapshotRecord &record, const CreateWish &wish);
    void mark_disks(SnapshotRecord &record, bool external);
    DomainRecord with_images(DomainRecord domain, const SnapshotRecord &record);
    Status make(const Subject &subject, const SnapshotRequest &request);
    Status unmake(const Subject &subject, const Domain &now, const SnapshotRecord &record,
                  const SnapshotRequest &request);
    Status unmake_overlays(const Subject &subject, const Domain &now, const SnapshotRecord &record);
    Status protect(const Subject &subject);
    void compress(const SnapshotRecord &record);
    Status keep(const std::string &key, const DomainRecord &before, SnapshotRecord &record,
                const Domain &domain);

    Ports ports_;
    Catalog &catalog_;
    Circumstances circumstances_;
    DomainCatalogs catalogs_;
    SnapshotDrafts drafts_;
    LayerTidying tidying_;
    OverlayWithdrawal withdrawal_;
    SnapshotService service_;
    InactiveSnapshots inactive_;
};

} // namespace xlsnap
