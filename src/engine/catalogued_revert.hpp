// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "core/refusals.hpp"
#include "core/snapshot_drift.hpp"
#include "core/snapshot_record.hpp"
#include "engine/catalogued_create.hpp"
#include "engine/catalogued_subject.hpp"
#include "engine/domain_catalogs.hpp"
#include "engine/domain_start.hpp"
#include "engine/inactive_snapshots.hpp"
#include "engine/ports.hpp"
#include "engine/revert_options.hpp"
#include "engine/snapshot_service.hpp"

namespace xlsnap {

struct RevertWish {
    AfterRevert after = AfterRevert::AsBefore;
    bool keep_current = false;
    bool force = false;
    bool dry_run = false;
    // An inactive domain is started from a snapshot of disks alone, too.
    bool start = false;
};

struct RevertedSnapshot {
    std::optional<DomainId> domid; // nothing: it does not run
    PlanLines plan;
    Status closing; // as in Reverted
};

// Takes a domain to a snapshot that has a record.
class CataloguedRevert {
  public:
    CataloguedRevert(const Ports &ports, Catalog &catalog, const Circumstances &circumstances)
        : ports_(ports), catalogs_(ports.toolstack, catalog),
          create_(ports, catalog, circumstances), service_(ports, circumstances.unique),
          inactive_(ports, circumstances.unique), starter_(ports, circumstances.unique) {}

    // The snapshot becomes the current one. A failure leaves what SnapshotService::revert leaves;
    // with keep_current, perhaps the snapshot of the present too, which the message names.
    Result<RevertedSnapshot> revert(const Subject &subject, const std::string &name,
                                    const RevertWish &wish);

    // Starts a domain that does not run; `name` empty: from the state it was in last.
    Result<RevertedSnapshot> start(const Subject &subject, const std::string &name,
                                   const RevertWish &wish);

  private:
    // What a revert leads to.
    struct Arrival {
        std::optional<DomainId> domid; // nothing: it does not run
        std::optional<Domain> domain;  // as it is now; nothing: not known
        Status closing;
    };
    struct Way {
        std::function<Result<Plan>()> plan;
        std::function<Result<Arrival>()> act;
    };

    std::vector<DiskNow> disks_now(const Domain &domain);
    RevertOptions options_of(const SnapshotRecord &record, const RevertWish &wish);
    Refusals check_drift(const SnapshotRecord &record, const Domain &domain, bool force);
    Refusals check_brought_back(const SnapshotRecord &record,
                                const std::vector<std::string> &paths);
    Result<RevertedSnapshot> go(const OpenedCatalog &opened, const SnapshotRecord &record,
                                const RevertWish &wish, const Way &way);
    Result<RevertedSnapshot> revert_running(const OpenedCatalog &opened,
                                            const SnapshotRecord &record, const RevertWish &wish);
    Result<RevertedSnapshot> revert_inactive(const OpenedCatalog &opened,
                                             const SnapshotRecord &record, const RevertWish &wish);
    Way way_to_start(const StartRequest &start);
    Result<PlanLines> plan_present(const OpenedCatalog &opened, const SnapshotRecord &record);
    Result<std::string> keep_present(const OpenedCatalog &opened, const SnapshotRecord &record);

    Ports ports_;
    DomainCatalogs catalogs_;
    CataloguedCreate create_;
    SnapshotService service_;
    InactiveSnapshots inactive_;
    DomainStart starter_;
};

} // namespace xlsnap
