// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "core/snapshot_choice.hpp"
#include "core/snapshot_deletion.hpp"
#include "core/snapshot_drift.hpp"
#include "core/snapshot_xml.hpp"
#include "core/xml_record.hpp"
#include "engine/domain_finder.hpp"
#include "engine/domain_start.hpp"
#include "engine/inactive_snapshots.hpp"
#include "engine/ports.hpp"
#include "engine/snapshot_service.hpp"
#include "ports/catalog.hpp"

namespace xlsnap {

// What a call would do, a line for each step; empty unless that was asked.
using PlanLines = std::vector<std::string>;

// The domain of an operation, as DomainFinder found it. Whether it runs is looked up anew when the
// catalog is locked: another process may have reverted or started it meanwhile.
struct Subject {
    std::optional<DomainId> domid; // nothing: it does not run
    std::string key;               // in the catalog
    std::string config_json;       // to be used for one that does not run; empty: the snapshot's
};

struct CreateWish {
    std::string name = {}; // empty: the seconds since the epoch
    std::string description = {};
    bool disk_only = false;
    bool left_paused = false;
    std::vector<DiskWish> disks = {};
    bool dry_run = false;
};

struct RevertWish {
    AfterRevert after = AfterRevert::AsBefore;
    bool keep_current = false;
    bool force = false;
    bool dry_run = false;
    // An inactive domain is started from a snapshot of disks alone, too.
    bool start = false;
};

struct CreatedSnapshot {
    SnapshotRecord record;
    std::string parent; // its name; empty: a root
    PlanLines plan;
    // What could not be done after the snapshot was made: leaving the domain paused.
    Status closing;
};

struct RevertedSnapshot {
    std::optional<DomainId> domid; // nothing: it does not run
    PlanLines plan;
    Status closing; // as in Reverted
};

// What a snapshot keeps outside the catalog, by who can delete it.
struct DataRequests {
    SnapshotRequest attached; // of disks that the running domain has, and the memory image
    SnapshotRequest detached; // of images that nobody should have open
};

struct RebuiltCatalog {
    int count = 0; // of records
    PlanLines plan;
};

// What the records take from the world around.
struct Circumstances {
    std::function<std::uint64_t()> now;  // seconds since the epoch
    std::function<std::string()> id;     // 16 hexadecimal digits, never the same
    std::function<std::string()> unique; // as in SnapshotService
    std::string program_version;
};

// Snapshots with records: what SnapshotService and InactiveSnapshots do, under the lock of the
// domain's catalog, and its records to it. A record is written when all that it tells of is there,
// and removed when nothing of it is left; so the catalog lists nothing that cannot be reverted to.
class CataloguedSnapshots {
  public:
    CataloguedSnapshots(const Ports &ports, Catalog &catalog, Circumstances circumstances);

    // After a failure the domain does what it did before, and neither data nor record is left.
    Result<CreatedSnapshot> create(const Subject &subject, const CreateWish &wish);

    // The snapshot becomes the current one. A failure leaves what SnapshotService::revert leaves;
    // with keep_current, perhaps the snapshot of the present too, which the message names.
    Result<RevertedSnapshot> revert(const Subject &subject, const std::string &name,
                                    const RevertWish &wish);

    // Starts a domain that does not run; `name` empty: from the state it was in last.
    Result<RevertedSnapshot> start(const Subject &subject, const std::string &name,
                                   const RevertWish &wish);

    // May be called again after a failure: what is gone already is told to the log.
    Result<PlanLines> remove(const Subject &subject, const std::string &name,
                             const DeletionWish &wish, bool dry_run);

    // Whether the memory image and the tags are what the record says; everything that is wrong.
    Status verify(const Subject &subject, const std::string &name);

    // What the snapshot's memory image and tags take of the storage. Every one that cannot be
    // measured is named.
    Result<StorageUsage> usage(const Subject &subject, const std::string &name);

    // Writes records that are missing or broken from the copies beside the images.
    Result<RebuiltCatalog> rebuild(const Subject &subject, bool dry_run);

    // A record of a snapshot whose data are there already, or a new one in its place.
    Result<PlanLines> import(const Subject &subject, const SnapshotXml &xml, bool dry_run);

    // XML for a new snapshot, its disks named by vdev; Invalid when the domain can have none such.
    Result<SnapshotXml> fit_to_domain(const Subject &subject, SnapshotXml xml);

  private:
    // What an operation begins with. A dry run has no lock: it makes no directory for a domain that
    // has none.
    struct Begun {
        std::unique_ptr<CatalogLock> lock;
        Subject subject;
        DomainCatalog known;
    };

    Result<RedefinitionFacts> facts_for(const Subject &subject, const DomainCatalog &known);
    Status check_data(SnapshotRecord &record);
    Result<PlanLines> import_locked(const Begun &begun, const SnapshotXml &xml, bool dry_run);

    Result<Begun> begin(const Subject &subject, bool dry_run);
    // The same for a snapshot that must be there: no lock, which makes a directory, for one that is
    // not.
    Result<Begun> begin(const Subject &subject, const std::string &name, bool dry_run);
    Result<Domain> domain_of(const Subject &subject, const DomainCatalog &known);

    Result<CreatedSnapshot> create_locked(const Subject &subject, const DomainCatalog &known,
                                          const CreateWish &wish);
    Result<SnapshotRecord> draft(const Domain &domain, const DomainCatalog &known,
                                 const Subject &subject, const CreateWish &wish);
    void mark_disks(SnapshotRecord &record);
    Status make(const Subject &subject, const SnapshotRequest &request);
    Status unmake(const Subject &subject, const SnapshotRequest &request);
    Status keep(const std::string &key, const DomainCatalog &known, SnapshotRecord &record,
                const Domain &domain);
    Status make_current(const std::string &key, DomainRecord domain, const std::string &id);
    // The same, with what the domain is now.
    Status make_current(const std::string &key, DomainRecord domain, const std::string &id,
                        const Domain &now);

    std::vector<DiskNow> disks_now(const Domain &domain);
    Status check_fingerprint(const SnapshotRecord &record);
    Refusals check_drift(const SnapshotRecord &record, const Domain &domain, bool force);
    Refusals check_brought_back(const SnapshotRecord &record,
                                const std::vector<std::string> &paths);
    Result<RevertedSnapshot> revert_running(const Begun &begun, const SnapshotRecord &record,
                                            const RevertWish &wish);
    Result<RevertedSnapshot> revert_inactive(const Begun &begun, const SnapshotRecord &record,
                                             const RevertWish &wish);
    Result<PlanLines> plan_present(const Begun &begun, const SnapshotRecord &record);
    Result<std::string> keep_present(const Begun &begun, const SnapshotRecord &record);

    Result<PlanLines> remove_broken(const std::string &key, const std::string &name, bool dry_run);
    Status check_data_removal(const Begun &begun, const SnapshotDeletion &deletion);
    Status carry_out(const Begun &begun, const SnapshotDeletion &deletion, bool metadata_only);
    Status remove_record(const Begun &begun, const SnapshotDeletion &deletion,
                         const SnapshotRecord &record);
    Result<DataRequests> data_of(const Subject &subject, const SnapshotRecord &record);
    Status remove_data(const Subject &subject, const SnapshotRecord &record);
    void drop_vanished(SnapshotRequest &request);
    Status check_tag(const DiskRecord &disk);
    Result<std::string> key_of_copies(const std::string &key, const Domain &domain);
    Result<StorageUsage> disk_usage(const DiskRecord &disk);
    Status forget_if_empty(const std::string &key);

    Ports ports_;
    Catalog &catalog_;
    DomainFinder finder_;
    Circumstances circumstances_;
    SnapshotService service_;
    InactiveSnapshots inactive_;
    DomainStart starter_;
};

} // namespace xlsnap
