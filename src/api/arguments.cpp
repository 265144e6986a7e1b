// SPDX-License-Identifier: LGPL-2.1-only
#include "api/arguments.hpp"

#include <algorithm>
#include <string>

#include "adapters/libxl/domain_config.hpp"

namespace xlsnap::api {

namespace {

std::string text_of(const char *text) {
    return text == nullptr ? std::string() : text;
}

tl::unexpected<Error> invalid(std::string message) {
    return fail(ErrorCode::Invalid, std::move(message));
}

Result<std::vector<DiskRequest>> disks_of(const libxl_disk_snapshot *disks, int count) {
    if (count < 0)
        return invalid("the number of disks is negative");
    if (count > 0 && disks == nullptr)
        return invalid("the array of disks is NULL although its length is not 0");
    std::vector<DiskRequest> requests;
    for (int i = 0; i < count; ++i) {
        const libxl_disk_snapshot &disk = disks[i];
        requests.push_back(DiskRequest{text_of(disk.disk.vdev), text_of(disk.disk.pdev_path),
                                       text_of(disk.name), disk.external,
                                       disk_format(disk.disk.format)});
    }
    return requests;
}

} // namespace

Result<std::optional<DomainId>> domain_id(int domid) {
    if (domid == -1)
        return std::optional<DomainId>();
    if (domid < 0)
        return invalid("the domid is negative; only -1, an inactive domain, has a meaning");
    if (domid == 0)
        return invalid("domain 0 cannot be snapshotted");
    return std::optional(static_cast<DomainId>(domid));
}

Result<SnapshotRequest> request_of(const libxl_domain_snapshot_args *args) {
    if (args == nullptr)
        return invalid("the snapshot arguments are NULL");
    if (!args->memory && args->memory_path != nullptr)
        return invalid("memory_path is given although memory is false; ask for one of the two");
    SnapshotRequest request;
    request.memory = args->memory;
    request.memory_path = text_of(args->memory_path);
    XLSNAP_ASSIGN(request.disks, disks_of(args->disks, args->num_disks));
    return request;
}

Result<SnapshotRequest> request_of(const libxl_disk_snapshot *disks, int count) {
    SnapshotRequest request;
    XLSNAP_ASSIGN(request.disks, disks_of(disks, count));
    return request;
}

Status check_live(bool live, const SnapshotRequest &request) {
    if (!live)
        return {};
    if (!request.memory)
        return invalid("live is about how the memory is saved; ask for memory too, or for "
                       "live=false");
    if (std::any_of(request.disks.begin(), request.disks.end(),
                    [](const DiskRequest &disk) { return !disk.external; }))
        return invalid("a live snapshot cannot have internal disk snapshots; ask for live=false");
    return fail(ErrorCode::NotImplemented,
                "live snapshots are not implemented yet; ask for live=false");
}

} // namespace xlsnap::api
