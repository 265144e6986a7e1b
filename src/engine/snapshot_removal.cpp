// SPDX-License-Identifier: LGPL-2.1-only
#include "engine/snapshot_removal.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "core/domain_images.hpp"
#include "core/domain_layers.hpp"
#include "core/layer_records.hpp"
#include "core/record_request.hpp"
#include "core/refusals.hpp"

namespace xlsnap {

namespace {

bool asks_for_something(const SnapshotRequest &request) {
    return request.memory || !request.disks.empty();
}

bool is_attached(const std::optional<Domain> &domain, const DiskRequest &disk) {
    const Disk *now = domain ? find_disk(*domain, disk.vdev) : nullptr;
    return now != nullptr && now->path == disk.path;
}

} // namespace

// What reads an image below the one that the domain writes to.
Result<bool> SnapshotRemoval::is_below(const Domain &domain, const DiskRequest &disk) {
    if (std::ranges::count(domain.disks, disk.path, &Disk::path) != 0)
        return false;
    const Result<std::vector<ImageUser>> users = ports_.image_users.of(disk.path);
    if (!users && users.error().code == ErrorCode::NotFound)
        return false;
    if (!users)
        return fail(users.error());
    return !users->empty() && std::ranges::all_of(*users, [&](const ImageUser &user) {
        return user.pid != 0 && user.pid == domain.device_model_pid && !user.writes;
    });
}

Result<SnapshotData> SnapshotRemoval::data_of(const Subject &subject, const DomainRecord &domain,
                                              const SnapshotRecord &record) {
    SnapshotRequest request = request_for(record);
    std::erase_if(request.disks, [](const DiskRequest &disk) { return disk.external; });
    std::optional<Domain> running;
    if (subject.domid) {
        XLSNAP_ASSIGN(running, ports_.toolstack.inspect(*subject.domid));
    }
    SnapshotData data;
    data.attached.memory = request.memory;
    data.attached.memory_path = request.memory_path;
    drop_vanished_unless_attached(request, running);
    for (DiskRequest &disk : request.disks) {
        if (is_attached(running, disk)) {
            data.attached.disks.push_back(std::move(disk));
            continue;
        }
        bool below = false;
        if (running) {
            XLSNAP_ASSIGN(below, is_below(*running, disk));
        }
        if (below)
            data.below_the_domain.push_back(std::move(disk));
        else if (find_image(domain, disk.path) != nullptr)
            data.at_rest.disks.push_back(std::move(disk));
        else
            data.detached.disks.push_back(std::move(disk));
    }
    return data;
}

// Looked at before anything is deleted; one that is gone is as good as deleted.
Status SnapshotRemoval::check_memory(const SnapshotRecord &record) {
    if (!record.memory)
        return {};
    const Result<std::uint64_t> held = ports_.memory_store.held_bytes(record.memory->path);
    if (held || held.error().code == ErrorCode::NotFound)
        return {};
    return fail(held.error());
}

Status SnapshotRemoval::check(const Subject &subject, const DomainRecord &domain,
                              const SnapshotRecord &record) {
    XLSNAP_ASSIGN(const SnapshotData data, data_of(subject, domain, record));
    Refusals refusals;
    refusals.add(check_memory(record));
    if (subject.domid && !data.attached.disks.empty())
        refusals.add(service_.check_removal(*subject.domid, data.attached));
    for (const SnapshotRequest *closed : {&data.detached, &data.at_rest})
        if (!closed->disks.empty())
            refusals.add(inactive_.check_removal(*closed));
    return refusals.status();
}

Status SnapshotRemoval::remove(const Subject &subject, DomainRecord &domain,
                               const SnapshotRecord &record) {
    XLSNAP_ASSIGN(const SnapshotData data, data_of(subject, domain, record));
    if (subject.domid && asks_for_something(data.attached))
        XLSNAP_TRY(service_.remove(*subject.domid, data.attached));
    if (!subject.domid && data.attached.memory)
        XLSNAP_TRY(ports_.memory_store.remove(data.attached.memory_path));
    if (!data.detached.disks.empty())
        XLSNAP_TRY(inactive_.remove(data.detached));
    return declare_dead(data, domain);
}

// On the disk before the record goes: afterwards nothing else knows that nobody needs these tags.
Status SnapshotRemoval::declare_dead(const SnapshotData &data, DomainRecord &domain) {
    std::vector<DiskRequest> disks = data.below_the_domain;
    disks.insert(disks.end(), data.at_rest.disks.begin(), data.at_rest.disks.end());
    DomainRecord changed = domain;
    for (const DiskRequest &disk : disks) {
        XLSNAP_ASSIGN(const ImageFacts facts, ports_.disk_images.examine(disk.path, disk.format));
        add_dead_tag(disk.path, disk.format, facts.mark, disk.tag, changed);
    }
    return write(std::move(changed), domain);
}

// On the disk before the record goes: afterwards nothing else knows that they are to stay.
Status SnapshotRemoval::let_go(DomainRecord &domain, const SnapshotRecord &record) {
    DomainRecord changed = domain;
    pin_images(record, changed);
    return write(std::move(changed), domain);
}

// Of a domain whose own record is broken too no image is listed, so that none is touched.
Status SnapshotRemoval::let_go_unrecorded(DomainCatalog &known) {
    if (!known.domain_fault)
        return {};
    DomainRecord changed = known.domain;
    pin_unrecorded_images(known.snapshots, changed);
    return write(std::move(changed), known.domain);
}

Status SnapshotRemoval::write(DomainRecord changed, DomainRecord &domain) {
    if (changed == domain)
        return {};
    XLSNAP_TRY(catalog_.write_domain(changed));
    domain = std::move(changed);
    return {};
}

// An image that is not there any more holds no tag.
void SnapshotRemoval::drop_vanished_unless_attached(SnapshotRequest &request,
                                                    const std::optional<Domain> &running) {
    std::erase_if(request.disks, [&](const DiskRequest &disk) {
        if (is_attached(running, disk))
            return false;
        const auto facts = ports_.disk_images.examine(disk.path, disk.format);
        const bool vanished = !facts && facts.error().code == ErrorCode::NotFound;
        if (vanished)
            ports_.log.info(fmt::format("disk {}: {} is gone already", disk.vdev, disk.path));
        return vanished;
    });
}

} // namespace xlsnap
