// SPDX-License-Identifier: LGPL-2.1-only
#include "integration/model/guest_qemu.hpp"

#include <stdexcept>

#include <fmt/format.h>

namespace xlsnap::test {

namespace {

std::string first_node(const Disk &disk) {
    return fmt::format("{}-{}", disk.vdev, to_string(disk.format));
}

std::vector<QemuDisk> disks_of(const Domain &domain) {
    std::vector<QemuDisk> disks;
    for (const Disk &disk : domain.disks)
        disks.push_back({first_node(disk), disk.path, std::string(to_string(disk.format))});
    return disks;
}

} // namespace

// An export by vhost-user follows the disk to its overlays, as the disk of a machine does, and lets
// it be resized.
GuestQemu::GuestQemu(const Domain &domain) : qemu_(disks_of(domain)) {
    for (const Disk &disk : domain.disks)
        qemu_.command("block-export-add",
                      {{"type", "vhost-user-blk"},
                       {"id", disk.vdev},
                       {"node-name", first_node(disk)},
                       {"writable", true},
                       {"addr", Json::Object{{"type", "unix"}, {"path", sockets_ / disk.vdev}}}});
    qemu_.command("cont");
}

std::string GuestQemu::live_node(const std::string &vdev) {
    const Json exports = qemu_.command("query-block-exports");
    for (const Json &one : *exports.as_array())
        if (*one.find_string("id") == vdev)
            return *one.find_string("node-name");
    throw std::runtime_error("QEMU has no disk " + vdev);
}

void GuestQemu::io(const std::string &vdev, const std::string &command) {
    qemu_.monitor_command(fmt::format("qemu-io {} \"{}\"", live_node(vdev), command));
}

void GuestQemu::resize(const std::string &vdev, std::uint64_t bytes) {
    qemu_.command("block_resize",
                  {{"node-name", live_node(vdev)}, {"size", static_cast<std::int64_t>(bytes)}});
}

void GuestQemu::flush() {
    const Json nodes = qemu_.command("query-named-block-nodes", {{"flat", true}});
    for (const Json &node : *nodes.as_array())
        qemu_.monitor_command(fmt::format("qemu-io {} flush", *node.find_string("node-name")));
}

std::map<std::string, int> GuestQemu::files() {
    const Json nodes = qemu_.command("query-named-block-nodes", {{"flat", true}});
    std::map<std::string, int> files;
    for (const Json &node : *nodes.as_array())
        ++files[*node.find_string("file")];
    return files;
}

std::size_t GuestQemu::jobs() {
    return qemu_.command("query-jobs").as_array()->size();
}

} // namespace xlsnap::test
