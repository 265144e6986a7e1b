// SPDX-License-Identifier: LGPL-2.1-only
#include "engine/catalog_records.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "core/snapshot_description.hpp"
#include "core/snapshot_name.hpp"

namespace xlsnap {

namespace {

tl::unexpected<Error> no_such(std::string_view name) {
    return fail(ErrorCode::NotFound,
                fmt::format("there is no snapshot '{}'; xlsnap list shows those there are", name));
}

// What the others say of the record, which is still to be put in.
SnapshotView place_of(const DomainCatalog &catalog, const SnapshotTree &tree,
                      const SnapshotRecord &record) {
    const SnapshotRecord *parent = tree.parent(record);
    return {{},
            parent == nullptr ? std::string() : parent->name,
            record.id == catalog.domain.current_id};
}

SnapshotView view_of(const DomainCatalog &catalog, const SnapshotTree &tree,
                     const SnapshotRecord &record) {
    SnapshotView view = place_of(catalog, tree, record);
    view.record = record;
    return view;
}

std::vector<SnapshotView> take_views(DomainCatalog &catalog, const SnapshotFilter &filter,
                                     const SnapshotRecord *above) {
    const SnapshotTree tree(catalog.snapshots);
    const SnapshotList selected = tree.select(filter, above);
    std::vector<SnapshotView> views;
    views.reserve(selected.size());
    for (const SnapshotRecord *record : selected)
        views.push_back(place_of(catalog, tree, *record));
    // Last: the tree points into the records.
    for (std::size_t i = 0; i < selected.size(); ++i)
        views[i].record = std::move(
            catalog.snapshots[static_cast<std::size_t>(selected[i] - catalog.snapshots.data())]);
    return views;
}

bool excludes_nothing(const SnapshotFilter &filter) {
    return !filter.roots && !filter.leaves && !filter.no_leaves && !filter.active &&
           !filter.inactive && !filter.disk_only && !filter.internal && !filter.external;
}

} // namespace

Result<const SnapshotRecord *> find_record(const DomainCatalog &catalog, std::string_view name) {
    const auto found = std::ranges::find(catalog.snapshots, name, &SnapshotRecord::name);
    if (found != catalog.snapshots.end())
        return &*found;
    const auto broken = std::ranges::find(catalog.broken, name, &BrokenRecord::name);
    if (broken == catalog.broken.end())
        return no_such(name);
    return fail(ErrorCode::Invalid,
                fmt::format("the record of snapshot '{}' cannot be used: {}; xlsnap rebuild brings "
                            "it back if a copy lies with the data",
                            name, broken->reason.message));
}

Status check_domain_record(const Status &domain_fault) {
    if (domain_fault)
        return {};
    const Error &fault = domain_fault.error();
    const bool is_replaceable = fault.code != ErrorCode::NotImplemented;
    return fail(
        ErrorCode::Invalid,
        fmt::format("nobody knows which snapshot is current{}: {}",
                    is_replaceable ? " (xlsnap rebuild writes the domain's record again)" : "",
                    fault.message));
}

Result<SnapshotView> CatalogRecords::get(const std::string &key, std::string_view name) {
    XLSNAP_ASSIGN(const DomainCatalog catalog, catalog_.read(key));
    XLSNAP_ASSIGN(const SnapshotRecord *record, find_record(catalog, name));
    return view_of(catalog, SnapshotTree(catalog.snapshots), *record);
}

Result<SnapshotView> CatalogRecords::current(const std::string &key) {
    XLSNAP_ASSIGN(const DomainCatalog catalog, catalog_.read(key));
    XLSNAP_TRY(check_domain_record(catalog.domain_fault));
    const SnapshotTree tree(catalog.snapshots);
    const SnapshotRecord *record =
        catalog.domain.current_id.empty() ? nullptr : tree.find_id(catalog.domain.current_id);
    if (record == nullptr)
        return fail(ErrorCode::NotFound, "no snapshot is the current one");
    return view_of(catalog, tree, *record);
}

Result<SnapshotView> CatalogRecords::parent(const std::string &key, std::string_view name) {
    XLSNAP_ASSIGN(const DomainCatalog catalog, catalog_.read(key));
    XLSNAP_ASSIGN(const SnapshotRecord *record, find_record(catalog, name));
    const SnapshotTree tree(catalog.snapshots);
    const SnapshotRecord *parent = tree.parent(*record);
    if (parent == nullptr)
        return fail(ErrorCode::NotFound, fmt::format("snapshot '{}' has no parent", name));
    return view_of(catalog, tree, *parent);
}

Result<SnapshotListing> CatalogRecords::list(const std::string &key, std::string_view from,
                                             const SnapshotFilter &filter) {
    XLSNAP_ASSIGN(DomainCatalog catalog, catalog_.read(key));
    const SnapshotRecord *above = nullptr;
    if (!from.empty()) {
        XLSNAP_ASSIGN(above, find_record(catalog, from));
    }
    SnapshotListing listing;
    listing.snapshots = take_views(catalog, filter, above);
    if (above == nullptr && excludes_nothing(filter))
        listing.broken = std::move(catalog.broken);
    return listing;
}

template <typename Change>
Status CatalogRecords::change(const std::string &key, const std::string &name,
                              Change change_record) {
    XLSNAP_TRY(check_exists(key, name)); // no lock, which makes a directory, for what is not there
    XLSNAP_ASSIGN(const std::unique_ptr<CatalogLock> lock, catalog_.lock(key));
    XLSNAP_ASSIGN(SnapshotRecord record, catalog_.find(key, name));
    change_record(record);
    return catalog_.replace(key, record);
}

Status CatalogRecords::check_exists(const std::string &key, const std::string &name) {
    Result<SnapshotRecord> found = catalog_.find(key, name);
    if (!found && found.error().code == ErrorCode::NotFound)
        return no_such(name);
    XLSNAP_TRY(std::move(found));
    return {};
}

Status CatalogRecords::check_rename(const std::string &key, const std::string &from,
                                    const std::string &to) {
    XLSNAP_TRY(check_snapshot_name(to));
    XLSNAP_TRY(check_exists(key, from));
    const Result<SnapshotRecord> taken = catalog_.find(key, to);
    if (!taken && taken.error().code == ErrorCode::NotFound)
        return {};
    return fail(ErrorCode::Invalid,
                fmt::format("there is a snapshot '{}' already; choose another name", to));
}

Status CatalogRecords::rename(const std::string &key, const std::string &from,
                              const std::string &to) {
    XLSNAP_TRY(check_rename(key, from, to));
    XLSNAP_ASSIGN(const std::unique_ptr<CatalogLock> lock, catalog_.lock(key));
    return catalog_.rename(key, from, to);
}

Status CatalogRecords::describe(const std::string &key, const std::string &name,
                                const std::string &text) {
    XLSNAP_TRY(check_description(text));
    return change(key, name, [&](SnapshotRecord &record) { record.description = text; });
}

Status CatalogRecords::protect(const std::string &key, const std::string &name, bool on) {
    return change(key, name, [&](SnapshotRecord &record) { record.is_protected = on; });
}

Status CatalogRecords::set_current(const std::string &key, const std::string &name) {
    if (!name.empty())
        XLSNAP_TRY(check_exists(key, name));
    XLSNAP_ASSIGN(const std::unique_ptr<CatalogLock> lock, catalog_.lock(key));
    XLSNAP_ASSIGN(DomainCatalog catalog, catalog_.read(key));
    XLSNAP_TRY(check_domain_record(catalog.domain_fault));
    const SnapshotRecord *record = nullptr;
    if (!name.empty()) {
        XLSNAP_ASSIGN(record, find_record(catalog, name));
    }
    if (catalog.domain.current_id == (record == nullptr ? std::string() : record->id))
        return {};
    set_current_snapshot(catalog.domain, record);
    return catalog_.write_domain(catalog.domain);
}

} // namespace xlsnap
