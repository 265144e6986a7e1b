// SPDX-License-Identifier: LGPL-2.1-only
#include "engine/catalog_rebuild.hpp"

#include <algorithm>
#include <memory>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/domain_images.hpp"
#include "core/image_directories.hpp"

namespace xlsnap {

namespace {

// Where copies may lie: beside the domain's disks, now and at any of its snapshots.
std::vector<std::string> directories_of_copies(const Domain &domain, const DomainCatalog &known) {
    std::vector<std::string> paths;
    for (const Disk &disk : domain.disks)
        paths.push_back(disk.path);
    for (const SnapshotRecord &record : known.snapshots)
        for (const DiskRecord &disk : record.disks)
            paths.push_back(disk.path);
    return directories_of(paths);
}

const BrokenRecord *find_broken(const DomainCatalog &known, const SnapshotRecord &record) {
    const auto found = std::ranges::find(known.broken, record.name, &BrokenRecord::name);
    return found == known.broken.end() ? nullptr : &*found;
}

bool is_broken(const DomainCatalog &known, const SnapshotRecord &record) {
    return find_broken(known, record) != nullptr;
}

// It knows more than the copy says.
bool is_of_newer_program(const DomainCatalog &known, const SnapshotRecord &record) {
    const BrokenRecord *broken = find_broken(known, record);
    return broken != nullptr && broken->reason.code == ErrorCode::NotImplemented;
}

// The domain's record is written again in any case, and no copy has it.
Status check_replaceable(const Status &domain_fault) {
    if (!domain_fault && domain_fault.error().code == ErrorCode::NotImplemented)
        return fail(ErrorCode::Invalid, domain_fault.error().message);
    return {};
}

bool is_of_domain(const SnapshotRecord &record, const Domain &domain) {
    return record.domain_name == domain.name &&
           std::ranges::all_of(record.disks, [&](const DiskRecord &disk) {
               const Disk *now = find_disk(domain, disk.vdev);
               // The domain has left an external one for its overlay, and perhaps that too.
               return !disk.writable || disk.kind == DiskSnapshotKind::External ||
                      (now != nullptr && now->path == disk.path);
           });
}

bool is_listed(const DomainCatalog &known, const SnapshotRecord &record) {
    return std::ranges::any_of(known.snapshots, [&](const SnapshotRecord &other) {
        return other.name == record.name || other.id == record.id;
    });
}

} // namespace

// A domain whose xl.cfg names no uuid has another one than when its snapshots were made: then it is
// the only domain of its name and disks that copies lie there for and that the catalog has not.
Result<std::string> CatalogRebuild::key_of_copies(const std::string &key, const Domain &domain) {
    XLSNAP_ASSIGN(const std::vector<DomainRecord> known, catalog_.domains());
    if (std::ranges::count(known, key, &DomainRecord::uuid) != 0)
        return key;
    const std::vector<std::string> directories = directories_of_copies(domain, {});
    XLSNAP_ASSIGN(const std::vector<std::string> copied, catalog_.copied_domains(directories));
    std::vector<std::string> fitting;
    for (const std::string &other : copied) {
        if (other == key)
            return key;
        if (std::ranges::count(known, other, &DomainRecord::uuid) != 0)
            continue;
        XLSNAP_ASSIGN(const std::vector<SnapshotRecord> copies,
                      catalog_.copies(other, directories));
        if (!copies.empty() && is_of_domain(copies.back(), domain))
            fitting.push_back(other);
    }
    if (fitting.size() > 1)
        return fail(ErrorCode::Invalid,
                    fmt::format("copies of several domains of this name and these disks lie there: "
                                "{}; name one by its uuid",
                                fmt::join(fitting, ", ")));
    return fitting.empty() ? key : fitting.front();
}

Result<RebuiltCatalog> CatalogRebuild::rebuild(const Subject &subject, bool dry_run) {
    XLSNAP_ASSIGN(const DomainCatalog before, catalog_.read(subject.key));
    XLSNAP_ASSIGN(const Domain domain, catalogs_.domain_of(subject, before));
    XLSNAP_ASSIGN(const std::string key, key_of_copies(subject.key, domain));
    std::unique_ptr<CatalogLock> lock;
    if (!dry_run) {
        XLSNAP_ASSIGN(lock, catalog_.lock(key));
    }
    XLSNAP_ASSIGN(DomainCatalog known, catalog_.read(key));
    XLSNAP_TRY(check_replaceable(known.domain_fault));
    XLSNAP_ASSIGN(const std::vector<SnapshotRecord> copies,
                  catalog_.copies(key, directories_of_copies(domain, known)));
    RebuiltCatalog rebuilt;
    for (const SnapshotRecord &copy : copies) {
        if (is_listed(known, copy) || is_of_newer_program(known, copy))
            continue;
        ++rebuilt.count;
        rebuilt.plan.push_back(fmt::format("write the record of snapshot '{}' again", copy.name));
        if (!dry_run)
            XLSNAP_TRY(is_broken(known, copy) ? catalog_.replace(key, copy)
                                              : catalog_.add(key, copy));
        known.snapshots.push_back(copy);
    }
    if (!known.domain_fault)
        rebuilt.plan.emplace_back("write the domain's record again; no snapshot is current then");
    if (dry_run)
        return rebuilt;
    rebuilt.plan.clear();
    const std::vector<DomainImage> listed = known.domain.images;
    list_recorded_images(known.domain, known.snapshots, domain);
    if (rebuilt.count > 0 || !known.domain_fault || known.domain.images != listed)
        XLSNAP_TRY(catalogs_.write(known.domain, domain));
    XLSNAP_TRY(protect(subject, key)
                   .with_context("the records are there, but not all of their images are kept "
                                 "from being written; rebuild again"));
    return rebuilt;
}

Status CatalogRebuild::protect(Subject subject, const std::string &key) {
    subject.key = key;
    XLSNAP_ASSIGN(DomainCatalog known, catalog_.read(key));
    return tidying_.protect(subject, known);
}

} // namespace xlsnap
