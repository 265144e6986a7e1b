// SPDX-License-Identifier: LGPL-2.1-only
#include "integration/model/model_host.hpp"

#include <algorithm>
#include <filesystem>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "integration/model/image_file.hpp"
#include "support/tool.hpp"

namespace xlsnap::test {

namespace {

Disk new_disk(const std::string &directory, const std::string &vdev, DiskFormat format,
              std::uint64_t bytes) {
    Disk disk;
    disk.vdev = vdev;
    disk.path = fmt::format("{}/{}.{}", directory, vdev, to_string(format));
    disk.format = format;
    must_run({"qemu-img", "create", "-q", "-f", std::string(to_string(format)), disk.path,
              std::to_string(bytes)});
    disk.backend = DiskBackend::Qdisk;
    disk.writable = true;
    return disk;
}

} // namespace

ModelHost::ModelHost(std::uint64_t bytes, DiskFormat of_xvdb)
    : snapshots_({toolstack_, live_disks_, disk_images_, image_chains_, image_users_, kept_images_,
                  memory_store_, log_, watcher_launcher_},
                 catalog_,
                 {[this] { return ++seconds_; }, [this] { return fmt::format("{:016x}", ++ids_); },
                  [this] { return std::to_string(++uniques_); }, "1"}) {
    configured_.uuid = kKey;
    configured_.name = kName;
    configured_.type = GuestType::Pvh;
    configured_.disks = {new_disk(images_.path(), "xvda", DiskFormat::Qcow2, bytes),
                         new_disk(images_.path(), "xvdb", of_xvdb, bytes)};
    for (const Disk &disk : configured_.disks)
        of_user_.insert(disk.path);
    can_keep_images_ = kept_images_.is_kept(configured_.disks.front().path).has_value();
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

bool ModelHost::is_of_user(const std::string &image) const {
    return of_user_.contains(image);
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
        if (disk == configured_.disks.end())
            continue;
        disk->path = active.path;
        disk->format = has_tables(active.path) ? DiskFormat::Qcow2 : DiskFormat::Raw;
    }
}

} // namespace xlsnap::test
