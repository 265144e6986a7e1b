// SPDX-License-Identifier: LGPL-2.1-only
#include "engine/stateless_removal.hpp"

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

} // namespace

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
