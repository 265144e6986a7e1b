// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "core/snapshot_tree.hpp"
#include "ports/catalog.hpp"

namespace xlsnap {

// A snapshot as its reader wants it: with what the other records say of it.
struct SnapshotView {
    SnapshotRecord record;
    std::string parent; // its name; empty: a root
    bool current = false;
};

struct SnapshotListing {
    std::vector<SnapshotView> snapshots;
    std::vector<BrokenRecord> broken; // only where neither a filter nor `from` was given
};

// The snapshot of this name among those read; NotFound, or Invalid with the reason when its record
// is broken.
[[nodiscard]] Result<const SnapshotRecord *> find_record(const DomainCatalog &catalog,
                                                         std::string_view name);

// Whether the domain's own record can be used; Invalid with the reason when it cannot.
[[nodiscard]] Status check_domain_record(const Status &domain_fault);

// Reads and changes records, and nothing else: memory images and disks are not looked at.
class CatalogRecords {
  public:
    explicit CatalogRecords(Catalog &catalog) : catalog_(catalog) {}

    Result<SnapshotView> get(const std::string &key, std::string_view name);
    // NotFound when there is none.
    Result<SnapshotView> current(const std::string &key);
    Result<SnapshotView> parent(const std::string &key, std::string_view name);
    // `from` empty: all.
    Result<SnapshotListing> list(const std::string &key, std::string_view from,
                                 const SnapshotFilter &filter);

    Status rename(const std::string &key, const std::string &from, const std::string &to);
    Status describe(const std::string &key, const std::string &name, const std::string &text);
    Status protect(const std::string &key, const std::string &name, bool on);
    // `name` empty: none is current any more.
    Status set_current(const std::string &key, const std::string &name);

    // The same without a change: whether it would be refused.
    Status check_rename(const std::string &key, const std::string &from, const std::string &to);
    Status check_exists(const std::string &key, const std::string &name);

  private:
    template <typename Change>
    Status change(const std::string &key, const std::string &name, Change change_record);

    Catalog &catalog_;
};

} // namespace xlsnap
