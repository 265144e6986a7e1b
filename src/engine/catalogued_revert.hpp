// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "core/snapshot_record.hpp"
#include "engine/catalogued_subject.hpp"
#include "engine/domain_catalogs.hpp"
#include "engine/domain_start.hpp"
#include "engine/inactive_snapshots.hpp"
#include "engine/layer_tidying.hpp"
#include "engine/ports.hpp"
#include "engine/present_snapshot.hpp"
#include "engine/revert_facts.hpp"
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
    std::string overlay_directory = {}; // of the images that it makes; empty: each beside its own
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
        : ports_(ports), catalog_(catalog), catalogs_(ports, catalog), facts_(ports, catalog),
          tidying_(ports, catalog, circumstances.wait), present_(ports, catalog, circumstances),
          service_(ports, circumstances.unique), inactive_(ports, circumstances.unique),
          starter_(ports, circumstances.unique) {}

    // The snapshot becomes the current one. A failure leaves what SnapshotService::revert leaves;
    // with keep_current, perhaps the snapshot of the present too, which the message names.
    Result<RevertedSnapshot> revert(const Subject &subject, const std::string &name,
                                    const RevertWish &wish);

    // Takes the disks of a domain that does not run back to what the snapshot holds, and leaves it
    // off; what it holds of the memory plays no part. The caller has the lock, and reads the
    // catalog again afterwards.
    Result<PlanLines> revert_disks(const OpenedCatalog &opened, const SnapshotRecord &record,
                                   bool dry_run);

    // Starts a domain that does not run; `name` empty: from the state it was in last.
    Result<RevertedSnapshot> start(const Subject &subject, const std::string &name,
                                   const RevertWish &wish);

  private:
    // What a revert leads to.
    struct Arrival {
        std::optional<DomainId> domid; // nothing: it does not run
        std::optional<Domain> domain;  // as it is now; nothing: not known
        std::vector<DomainImage> made;
        Status closing;
    };
    struct Way {
        std::function<Result<Plan>(const DomainCatalog &known)> plan;
        std::function<Result<Arrival>(const DomainCatalog &known)> act;
    };
    // A domain that does not run, when a revert to one of its snapshots begins.
    struct Inactive {
        SnapshotRequest request;
        RevertOptions options;
        std::optional<Domain> present; // nothing: nobody knows its configuration
    };

    RevertOptions options_of(const SnapshotRecord &record, const RevertWish &wish);
    Result<RevertedSnapshot> go(const OpenedCatalog &opened, const SnapshotRecord &record,
                                const RevertWish &wish, const Way &way);
    Result<RevertedSnapshot> revert_running(const OpenedCatalog &opened,
                                            const SnapshotRecord &record, const RevertWish &wish);
    Result<RevertedSnapshot> revert_inactive(const OpenedCatalog &opened,
                                             const SnapshotRecord &record, const RevertWish &wish);
    Result<RevertedSnapshot> go_now(const Subject &subject, const SnapshotRecord &record,
                                    const Way &way);
    Status tidy_up(Subject subject, const Arrival &arrived);
    Status record_arrival(const DomainCatalog &known, const SnapshotRecord &record,
                          const Arrival &arrived);
    template <typename Act>
    auto listed(const DomainCatalog &known, const SnapshotRequest &request, Act act)
        -> decltype(act());
    void unlist_missing(DomainRecord &domain, const DomainCatalog &known);
    Arrival arrival_of(Reverted reverted, const SnapshotRequest &request);
    Result<Inactive> look_at_inactive(const Subject &subject, const DomainCatalog &known,
                                      const SnapshotRecord &record, const RevertWish &wish);
    static StartRequest start_request(const Inactive &looked);

    Ports ports_;
    Catalog &catalog_;
    DomainCatalogs catalogs_;
    RevertFacts facts_;
    LayerTidying tidying_;
    PresentSnapshot present_;
    SnapshotService service_;
    InactiveSnapshots inactive_;
    DomainStart starter_;
};

} // namespace xlsnap
