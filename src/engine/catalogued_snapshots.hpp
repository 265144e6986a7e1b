// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "engine/catalog_rebuild.hpp"
#include "engine/catalogued_check.hpp"
#include "engine/catalogued_create.hpp"
#include "engine/catalogued_delete.hpp"
#include "engine/catalogued_import.hpp"
#include "engine/catalogued_revert.hpp"

namespace xlsnap {

// Snapshots with records: what SnapshotService and InactiveSnapshots do, under the lock of the
// domain's catalog, and its records to it. The contract of each operation stands with its class.
class CataloguedSnapshots {
  public:
    CataloguedSnapshots(const Ports &ports, Catalog &catalog, const Circumstances &circumstances)
        : create_(ports, catalog, circumstances), revert_(ports, catalog, circumstances),
          delete_(ports, catalog, circumstances), check_(ports, catalog),
          rebuild_(ports, catalog, circumstances), import_(ports, catalog, circumstances) {}

    Result<CreatedSnapshot> create(const Subject &subject, const CreateWish &wish) {
        return create_.create(subject, wish);
    }
    Result<RevertedSnapshot> revert(const Subject &subject, const std::string &name,
                                    const RevertWish &wish) {
        return revert_.revert(subject, name, wish);
    }
    Result<RevertedSnapshot> start(const Subject &subject, const std::string &name,
                                   const RevertWish &wish) {
        return revert_.start(subject, name, wish);
    }
    Result<PlanLines> remove(const Subject &subject, const std::string &name,
                             const DeletionWish &wish, bool dry_run) {
        return delete_.remove(subject, name, wish, dry_run);
    }
    Status verify(const Subject &subject, const std::string &name) {
        return check_.verify(subject, name);
    }
    std::vector<Result<StorageUsage>> usage(const Subject &subject,
                                            const std::vector<std::string> &names) {
        return check_.usage(subject, names);
    }
    Result<RebuiltCatalog> rebuild(const Subject &subject, bool dry_run) {
        return rebuild_.rebuild(subject, dry_run);
    }
    Result<PlanLines> import(const Subject &subject, const SnapshotXml &xml, bool dry_run) {
        return import_.import(subject, xml, dry_run);
    }
    Result<SnapshotXml> fit_to_domain(const Subject &subject, SnapshotXml xml) {
        return import_.fit_to_domain(subject, std::move(xml));
    }

  private:
    CataloguedCreate create_;
    CataloguedRevert revert_;
    CataloguedDelete delete_;
    CataloguedCheck check_;
    CatalogRebuild rebuild_;
    CataloguedImport import_;
};

} // namespace xlsnap
