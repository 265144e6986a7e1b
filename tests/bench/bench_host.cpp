// SPDX-License-Identifier: LGPL-2.1-only
#include "bench/bench_host.hpp"

namespace xlsnap::bench {

namespace {

std::string vdev(std::size_t disk) {
    return std::string("xvd") + static_cast<char>('a' + disk);
}

} // namespace

std::string BenchHost::node(std::size_t disk) {
    return vdev(disk) + "-qcow2";
}

BenchHost::BenchHost(const std::vector<std::string> &images) {
    domain_.uuid = "12345678-9abc-4def-8123-456789abcdef";
    domain_.name = "g1";
    domain_.type = GuestType::Pvh;
    for (std::size_t i = 0; i < images.size(); ++i) {
        Disk disk;
        disk.vdev = vdev(i);
        disk.path = images[i];
        disk.format = DiskFormat::Qcow2;
        disk.backend = DiskBackend::Qdisk;
        disk.writable = true;
        domain_.disks.push_back(std::move(disk));
    }
    domain_.config_json = test::fake_config_json(domain_);
}

DomainId BenchHost::start_domain() {
    std::vector<test::QemuDisk> disks;
    for (std::size_t i = 0; i < domain_.disks.size(); ++i)
        disks.push_back({node(i), domain_.disks[i].path});
    qemu_.emplace(disks);
    for (std::size_t i = 0; i < disks.size(); ++i)
        qemu_->export_disk(disks[i].node);
    qemu_->command("cont"); // as libxl does
    relay_.emplace(monitor(), qemu_->monitor());
    domain_.device_model_pid = qemu_->pid();
    return toolstack_.add(domain_);
}

Ports BenchHost::ports() {
    return {toolstack_,   live_disks_,   disk_images_, image_chains_,    image_users_,
            kept_images_, memory_store_, log_,         watcher_launcher_};
}

} // namespace xlsnap::bench
