// SPDX-License-Identifier: LGPL-2.1-only
#include "integration/model/model_host.hpp"

#include <algorithm>
#include <filesystem>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "support/tool.hpp"

namespace xlsnap::test {

namespace {

Disk new_disk(const std::string &vdev, const std::string &path, std::uint64_t bytes) {
    must_run({"qemu-img", "create", "-q", "-f", "qcow2", path, std::to_string(bytes)});
    Disk disk;
    disk.vdev = vdev;
    disk.path = path;
    disk.format = DiskFormat::Qcow2;
    disk.backend = DiskBackend::Qdisk;
    disk.writable = true;
    return disk;
}

} // namespace

ModelHost::ModelHost(std::uint64_t bytes)
    : snapshots_({toolstack_, live_disks_, disk_images_, image_chains_, image_users_, kept_images_,
                  memory_store_, log_, watcher_launcher_},
                 catalog_,
                 {[this] { return ++seconds_; }, [this] { return fmt::format("{:016x}", ++ids_); },
                  [this] { return std::to_string(++uniques_); }, "1"}) {
    configured_.uuid = kKey;
    configured_.name = kName;
    configured_.type = GuestType::Pvh;
    for (const std::string vdev : {"xvda", "xvdb"})
        configured_.disks.push_back(new_disk(vdev, images_ / (vdev + ".qcow2"), bytes));
    toolstack_.on_start = [this](const Domain &domain) { open_images(domain); };
    toolstack_.on_destroy = [this](const Domain &) { close_images(); };
}

// Nobody can remove an immutable file.
ModelHost::~ModelHost() {
    qemu_.reset();
    for (const auto &entry : std::filesystem::directory_iterator(images_.path()))
        if (entry.is_regular_file())
            static_cast<void>(kept_images_.release(entry.path()));
}

void ModelHost::open_images(const Domain &domain) {
    qemu_.emplace(domain);
    toolstack_.guest(domain.domid).domain.device_model_pid = qemu_->pid();
}

void ModelHost::close_images() {
    qemu_->quit();
    qemu_.reset();
}

Subject ModelHost::subject() {
    if (const FakeGuest *guest = toolstack_.find(kName))
        return {guest->domain.domid, kKey, {}};
    follow_records();
    return {std::nullopt, kKey, fake_config_json(configured_)};
}

Status ModelHost::start() {
    follow_records();
    XLSNAP_ASSIGN(const DomainId domid, toolstack_.start(fake_config_json(configured_)));
    return toolstack_.unpause(domid);
}

void ModelHost::power_off() {
    const Domain domain = toolstack_.find(kName)->domain;
    configured_.disks = domain.disks;
    if (const Status gone = toolstack_.destroy(domain.domid); !gone)
        throw std::runtime_error(gone.error().message);
}

std::vector<Disk> ModelHost::disks() {
    if (const FakeGuest *guest = toolstack_.find(kName))
        return guest->domain.disks;
    follow_records();
    return configured_.disks;
}

DomainCatalog ModelHost::records() {
    Result<DomainCatalog> read = catalog_.read(kKey);
    if (!read)
        throw std::runtime_error(read.error().message);
    return std::move(*read);
}

// As `xlsnap config --rewrite` does.
void ModelHost::follow_records() {
    for (const ActiveLayer &active : records().domain.active_layers) {
        const auto disk = std::ranges::find(configured_.disks, active.vdev, &Disk::vdev);
        if (disk != configured_.disks.end())
            disk->path = active.path;
    }
}

} // namespace xlsnap::test
