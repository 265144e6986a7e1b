// SPDX-License-Identifier: LGPL-2.1-only
#include "engine/stateless_removal.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "core/domain_images.hpp"
#include "core/refusals.hpp"

namespace xlsnap {

namespace {

SnapshotRequest external_part(const SnapshotRequest &request) {
    SnapshotRequest part;
    for (const DiskRequest &disk : request.disks)
        if (disk.external)
            part.disks.push_back(disk);
    return part;
}

SnapshotRequest other_part(SnapshotRequest request) {
    std::erase_if(request.disks, [](const DiskRequest &disk) { return disk.external; });
    return request;
}

bool names(const DomainRecord &domain, const std::string &path) {
    return std::ranges::count(domain.active_layers, path, &ActiveLayer::path) != 0 ||
           find_image(domain, path) != nullptr;
}

bool is_about(const SnapshotRequest &request, const DomainRecord &domain) {
    return std::ranges::any_of(request.disks, [&](const DiskRequest &disk) {
        return names(domain, disk.path) || names(domain, disk.overlay);
    });
}

} // namespace

// In the order of their keys, so that two callers never wait for each other.
Result<StatelessRemoval::Locks> StatelessRemoval::lock(const std::optional<DomainId> &domid,
                                                       const SnapshotRequest &external) {
    std::set<std::string> keys;
    if (domid) {
        XLSNAP_ASSIGN(const FoundDomain found, finder_.resolve({domid, {}, {}}));
        keys.insert(found.match.uuid);
    }
    XLSNAP_ASSIGN(const std::vector<DomainRecord> domains, catalog_.domains());
    for (const DomainRecord &domain : domains)
        if (is_about(external, domain))
            keys.insert(domain.uuid);
    Locks locks;
    for (const std::string &key : keys) {
        XLSNAP_ASSIGN(std::unique_ptr<CatalogLock> one, catalog_.lock(key));
        locks.push_back(std::move(one));
    }
    return locks;
}

Status StatelessRemoval::check_internal(const std::optional<DomainId> &domid,
                                        const SnapshotRequest &request) {
    return domid ? service_.check_removal(*domid, request) : inactive_.check_removal(request);
}

Status StatelessRemoval::remove_internal(const std::optional<DomainId> &domid,
                                         const SnapshotRequest &request) {
    return domid ? service_.remove(*domid, request) : inactive_.remove(request);
}

// The merges come last: they take their time, and can be repeated alone.
Status StatelessRemoval::remove(const std::optional<DomainId> &domid,
                                const SnapshotRequest &request) {
    const SnapshotRequest external = external_part(request);
    const SnapshotRequest other = other_part(request);
    if (external.disks.empty())
        return remove_internal(domid, request);
    XLSNAP_ASSIGN(const Locks locks, lock(domid, external));
    const bool has_more = other.memory || !other.disks.empty();
    Refusals refusals;
    if (has_more)
        refusals.add(check_internal(domid, other));
    refusals.add(external_.check(domid, external));
    XLSNAP_TRY(refusals.status());
    if (has_more)
        XLSNAP_TRY(remove_internal(domid, other));
    return external_.remove(domid, external);
}

} // namespace xlsnap
