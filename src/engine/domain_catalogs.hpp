// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <memory>
#include <string>

#include "base/result.hpp"
#include "engine/catalogued_subject.hpp"
#include "engine/domain_finder.hpp"
#include "engine/ports.hpp"
#include "ports/catalog.hpp"

namespace xlsnap {

// What an operation begins with. A dry run has no lock: it makes no directory for a domain that has
// none.
template <typename Known> struct Opened {
    std::unique_ptr<CatalogLock> lock;
    Subject subject;
    Known known;
};

using OpenedCatalog = Opened<DomainCatalog>;
using OpenedCurrent = Opened<CurrentSnapshot>;

// What is known of the current snapshot by somebody who has read all.
[[nodiscard]] CurrentSnapshot current_of(const DomainCatalog &known);

// What the operations with records begin and end with.
class DomainCatalogs {
  public:
    DomainCatalogs(const Ports &ports, Catalog &catalog)
        : toolstack_(ports.toolstack), images_(ports.disk_images), catalog_(catalog),
          finder_(ports.toolstack, catalog) {}

    Result<OpenedCatalog> open(const Subject &subject, bool dry_run);
    // For what costs the same however many snapshots there are.
    Result<OpenedCurrent> open_current(const Subject &subject, bool dry_run);
    // The same for a snapshot that must be there: no lock, which makes a directory, for one that is
    // not.
    Result<OpenedCatalog> open(const Subject &subject, const std::string &name, bool dry_run);

    // The domain as it is; one that does not run is what its configuration says: the caller's, or
    // that of the snapshot which it was taken to last. Images that its disks have left since, as
    // the catalog knows, are those that they have now.
    Result<Domain> domain_of(const Subject &subject, const DomainCatalog &known);
    Result<Domain> domain_of(const Subject &subject, const CurrentSnapshot &known);

    Status make_current(DomainRecord domain, const SnapshotRecord &record);
    // The same, with what the domain is now.
    Status make_current(DomainRecord domain, const SnapshotRecord &record, const Domain &now);
    // That alone.
    Status write(DomainRecord domain, const Domain &now);

    // Empty: without snapshots, and without images that only the domain's record tells of.
    Status forget_if_empty(const std::string &key);

  private:
    Result<Domain> configured(const std::string &config_json, const DomainRecord &known);
    template <typename Known>
    Result<Opened<Known>> open_with(Result<Known> (Catalog::*read)(const std::string &),
                                    const Subject &subject, bool dry_run);

    Toolstack &toolstack_;
    DiskImages &images_;
    Catalog &catalog_;
    DomainFinder finder_;
};

} // namespace xlsnap
