// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/libxl/disk_devices.hpp"

#include <cstring>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace xlsnap {

namespace {

// A transaction fails when somebody else writes what it has read, which nobody does twice.
constexpr int kMostTries = 100;

// libxl__device_disk_string_of_format in tools/libs/light/libxl_device.c in xen.git. The "type"
// beside it is the back end's, and stays.
std::string_view params_format(DiskFormat format) {
    return format == DiskFormat::Raw ? "aio" : to_string(format);
}

Result<DiskDevice> find_disk_device(libxl_ctx *ctx, const Xenstore &xenstore, DomainId domid,
                                    const DiskChange &change) {
    LibxlDeviceDisk disk;
    LibxlDiskinfo info;
    disk->vdev = ::strdup(change.vdev.c_str());
    if (libxl_device_disk_getinfo(ctx, domid, disk.get(), info.get()) != 0 ||
        info->backend == nullptr)
        return fail(ErrorCode::NotFound, fmt::format("the domain has no disk {}", change.vdev));
    DiskDevice device;
    device.record = fmt::format("/libxl/{}/device/vbd/{}", domid, info->devid);
    device.backend = info->backend;
    device.params = fmt::format("{}:{}", params_format(change.format), change.path);
    const std::string type = xenstore.read(device.record + "/type").value_or("another back end");
    if (type != "qdisk" || info->backend_id != 0)
        return fail(ErrorCode::Invalid,
                    fmt::format("disk {} is served by {}{}, not by the domain's own QEMU: its "
                                "image cannot be exchanged while the domain lives",
                                change.vdev, type,
                                info->backend_id == 0
                                    ? std::string()
                                    : fmt::format(" of domain {}", info->backend_id)));
    return device;
}

struct ChangedNode {
    std::string path = {};
    std::string before = {};
    std::string after = {};
};

// Whoever destroys the domain or detaches the disk removes its nodes without a lock; one that is
// made again then would stay for ever.
Result<std::vector<ChangedNode>> find_differing(const XenstoreTransaction &transaction,
                                                const std::vector<DiskDevice> &devices) {
    std::vector<ChangedNode> nodes;
    for (const DiskDevice &device : devices) {
        for (const std::string &place : {device.record, device.backend}) {
            const std::string path = place + "/params";
            std::optional<std::string> now = transaction.read(path);
            if (!now)
                return fail(ErrorCode::NotFound,
                            fmt::format("xenstore has no {} any more: the domain or the disk is "
                                        "being removed; look it up again",
                                        path));
            if (*now != device.params)
                nodes.push_back({path, std::move(*now), device.params});
        }
    }
    return nodes;
}

Status write_nodes(const XenstoreTransaction &transaction, const std::vector<ChangedNode> &nodes) {
    for (const ChangedNode &node : nodes)
        XLSNAP_TRY(transaction.write(node.path, node.after));
    return {};
}

// A transaction whose end failed may have happened or not; a lost connection tells neither.
Error unclear_end(const Xenstore &xenstore, const std::vector<ChangedNode> &nodes, Error error) {
    for (const ChangedNode &node : nodes) {
        if (xenstore.read(node.path) != node.before)
            error.message += fmt::format("; NOT UNDONE: xenstore's {} may say {}; it said {}",
                                         node.path, node.after, node.before);
    }
    return error;
}

} // namespace

Result<std::vector<DiskDevice>> find_disk_devices(libxl_ctx *ctx, const Xenstore &xenstore,
                                                  DomainId domid,
                                                  const std::vector<DiskChange> &changes) {
    std::vector<DiskDevice> devices;
    for (const DiskChange &change : changes) {
        XLSNAP_ASSIGN(DiskDevice device, find_disk_device(ctx, xenstore, domid, change));
        devices.push_back(std::move(device));
    }
    return devices;
}

Status write_params(const Xenstore &xenstore, const std::vector<DiskDevice> &devices) {
    for (int i = 0; i < kMostTries; ++i) {
        XLSNAP_ASSIGN(XenstoreTransaction transaction, XenstoreTransaction::start(xenstore));
        XLSNAP_ASSIGN(const std::vector<ChangedNode> nodes, find_differing(transaction, devices));
        if (nodes.empty())
            return {};
        XLSNAP_TRY(write_nodes(transaction, nodes));
        Result<bool> done = transaction.commit();
        if (!done)
            return fail(unclear_end(xenstore, nodes, std::move(done.error())));
        if (*done)
            return {};
    }
    return fail(ErrorCode::NotReady, "another program writes the disks' nodes in xenstore all the "
                                     "time; end it, and try again");
}

} // namespace xlsnap
