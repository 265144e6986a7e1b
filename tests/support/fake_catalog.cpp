// SPDX-License-Identifier: LGPL-2.1-only
#include "support/fake_catalog.hpp"

#include <algorithm>
#include <stdexcept>
#include <tuple>

#include "core/image_directories.hpp"

namespace xlsnap::test {

namespace {

Error broken_record(const std::string &name) {
    return {ErrorCode::Invalid, "the record of " + name + " is broken"};
}

Error newer_record(const std::string &name) {
    return {ErrorCode::NotImplemented, "the record of " + name + " is of a newer xlsnap"};
}

Error no_snapshot(const std::string &name) {
    return {ErrorCode::NotFound, "there is no snapshot " + name};
}

bool is_taken(const FakeCatalog::Domain &domain, const std::string &name) {
    return domain.snapshots.contains(name) || domain.broken.contains(name);
}

bool is_empty(const FakeCatalog::Domain &domain) {
    return !domain.record && !domain.record_is_broken && domain.snapshots.empty() &&
           domain.broken.empty();
}

void sort_by_time(std::vector<SnapshotRecord> &records) {
    std::sort(records.begin(), records.end(), [](const auto &a, const auto &b) {
        return std::tie(a.creation_time, a.name) < std::tie(b.creation_time, b.name);
    });
}

} // namespace

class FakeCatalog::Lock final : public CatalogLock {
  public:
    Lock(FakeCatalog &catalog, std::string uuid) : catalog_(catalog), uuid_(std::move(uuid)) {
        catalog_.locked.insert(uuid_);
        catalog_.contents[uuid_];
    }
    Lock(const Lock &) = delete;
    Lock &operator=(const Lock &) = delete;
    Lock(Lock &&) = delete;
    Lock &operator=(Lock &&) = delete;
    ~Lock() override {
        catalog_.locked.erase(uuid_);
        if (is_empty(catalog_.contents[uuid_]))
            catalog_.contents.erase(uuid_);
    }

  private:
    FakeCatalog &catalog_;
    std::string uuid_;
};

Result<std::vector<DomainRecord>> FakeCatalog::domains() {
    XLSNAP_TRY(enter("domains"));
    std::vector<DomainRecord> domains;
    for (const auto &[uuid, domain] : contents) {
        if (is_empty(domain))
            continue;
        DomainRecord nameless;
        nameless.uuid = uuid;
        domains.push_back(domain.record_is_broken ? nameless : domain.record.value_or(nameless));
    }
    return domains;
}

Result<DomainCatalog> FakeCatalog::read(const std::string &uuid) {
    XLSNAP_TRY(enter("read", uuid));
    DomainCatalog catalog;
    catalog.domain.uuid = uuid;
    const auto found = contents.find(uuid);
    if (found == contents.end())
        return catalog;
    const Domain &domain = found->second;
    if (domain.record_is_broken)
        catalog.domain_fault =
            fail(domain.record_is_newer ? newer_record(uuid) : broken_record(uuid));
    else if (domain.record)
        catalog.domain = *domain.record;
    for (const auto &[name, record] : domain.snapshots)
        catalog.snapshots.push_back(record);
    sort_by_time(catalog.snapshots);
    for (const std::string &name : domain.broken)
        catalog.broken.push_back({name, "/catalog/" + uuid + "/" + name, broken_record(name)});
    return catalog;
}

Result<CurrentSnapshot> FakeCatalog::read_current(const std::string &uuid) {
    XLSNAP_TRY(enter("read_current", uuid));
    CurrentSnapshot current;
    current.domain.uuid = uuid;
    const auto found = contents.find(uuid);
    if (found == contents.end())
        return current;
    const Domain &domain = found->second;
    if (domain.record_is_broken)
        current.domain_fault =
            fail(domain.record_is_newer ? newer_record(uuid) : broken_record(uuid));
    else if (domain.record)
        current.domain = *domain.record;
    for (const auto &[name, record] : domain.snapshots)
        if (record.id == current.domain.current_id)
            current.record = record;
    return current;
}

Result<SnapshotRecord> FakeCatalog::find(const std::string &uuid, const std::string &name) {
    XLSNAP_TRY(enter("find", name));
    const auto domain = contents.find(uuid);
    if (domain == contents.end())
        return fail(no_snapshot(name));
    if (domain->second.broken.contains(name))
        return fail(broken_record(name));
    const auto found = domain->second.snapshots.find(name);
    if (found == domain->second.snapshots.end())
        return fail(no_snapshot(name));
    return found->second;
}

Result<std::unique_ptr<CatalogLock>> FakeCatalog::lock(const std::string &uuid) {
    XLSNAP_TRY(enter("lock", uuid));
    if (locked.contains(uuid))
        return fail(ErrorCode::LockFail, "this process has the catalog of " + uuid);
    if (const auto other = locked_by_another.find(uuid); other != locked_by_another.end())
        return fail(ErrorCode::LockFail, other->second + " has the catalog of " + uuid);
    return std::make_unique<Lock>(*this, uuid);
}

Status FakeCatalog::add(const std::string &uuid, const SnapshotRecord &record) {
    XLSNAP_TRY(enter("add", record.name));
    Domain &domain = locked_domain(uuid);
    if (is_taken(domain, record.name))
        return fail(ErrorCode::Invalid, "there is a snapshot " + record.name + " already");
    domain.snapshots[record.name] = record;
    keep_copies(uuid, record);
    return {};
}

Status FakeCatalog::replace(const std::string &uuid, const SnapshotRecord &record) {
    XLSNAP_TRY(enter("replace", record.name));
    Domain &domain = locked_domain(uuid);
    if (!is_taken(domain, record.name))
        return fail(no_snapshot(record.name));
    domain.broken.erase(record.name);
    domain.snapshots[record.name] = record;
    drop_copies(uuid, record.name);
    keep_copies(uuid, record);
    return {};
}

Status FakeCatalog::rename(const std::string &uuid, const std::string &from,
                           const std::string &to) {
    XLSNAP_TRY(enter("rename", from + " " + to));
    Domain &domain = locked_domain(uuid);
    if (!is_taken(domain, from))
        return fail(no_snapshot(from));
    if (is_taken(domain, to))
        return fail(ErrorCode::Invalid, "there is a snapshot " + to + " already");
    if (domain.broken.erase(from) > 0) {
        domain.broken.insert(to);
        return {};
    }
    if (domain.record && domain.record->current_name == from)
        domain.record->current_name = to;
    SnapshotRecord record = std::move(domain.snapshots.extract(from).mapped());
    record.name = to;
    drop_copies(uuid, from);
    keep_copies(uuid, record);
    domain.snapshots[to] = std::move(record);
    return {};
}

Result<bool> FakeCatalog::remove(const std::string &uuid, const std::string &name) {
    XLSNAP_TRY(enter("remove", name));
    Domain &domain = locked_domain(uuid);
    drop_copies(uuid, name);
    return domain.snapshots.erase(name) + domain.broken.erase(name) > 0;
}

Status FakeCatalog::write_domain(const DomainRecord &domain) {
    XLSNAP_TRY(enter("write_domain", domain.uuid));
    Domain &written = locked_domain(domain.uuid);
    written.record = domain;
    written.record_is_broken = false;
    return {};
}

Status FakeCatalog::forget(const std::string &uuid) {
    XLSNAP_TRY(enter("forget", uuid));
    Domain &domain = locked_domain(uuid);
    domain.record.reset();
    domain.record_is_broken = false;
    return {};
}

std::string FakeCatalog::memory_path(const std::string &uuid, const std::string &id) {
    return "/catalog/" + uuid + "/" + id + ".save";
}

Result<std::vector<SnapshotRecord>>
FakeCatalog::copies(const std::string &uuid, const std::vector<std::string> &image_directories) {
    XLSNAP_TRY(enter("copies", uuid));
    std::map<std::string, SnapshotRecord> by_id;
    for (const std::string &directory : image_directories) {
        for (const auto &[name, record] : kept_copies[{directory, uuid}])
            by_id.insert_or_assign(record.id, record);
    }
    std::vector<SnapshotRecord> records;
    for (auto &[id, record] : by_id)
        records.push_back(std::move(record));
    sort_by_time(records);
    return records;
}

FakeCatalog::Domain &FakeCatalog::locked_domain(const std::string &uuid) {
    if (!locked.contains(uuid))
        throw std::logic_error("the catalog of " + uuid + " is changed without its lock");
    return contents.at(uuid);
}

Result<std::vector<std::string>>
FakeCatalog::copied_domains(const std::vector<std::string> &image_directories) {
    XLSNAP_TRY(enter("copied_domains"));
    std::set<std::string> domains;
    for (const auto &[place, records] : kept_copies)
        if (std::ranges::count(image_directories, place.first) != 0 && !records.empty())
            domains.insert(place.second);
    return std::vector<std::string>(domains.begin(), domains.end());
}

void FakeCatalog::drop_copies(const std::string &uuid, const std::string &name) {
    for (auto &[place, records] : kept_copies) {
        if (place.second == uuid)
            records.erase(name);
    }
}

void FakeCatalog::keep_copies(const std::string &uuid, const SnapshotRecord &record) {
    for (const std::string &directory : directories_of(images_with_data(record)))
        kept_copies[{directory, uuid}][record.name] = record;
}

} // namespace xlsnap::test
