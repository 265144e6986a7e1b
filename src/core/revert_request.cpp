// SPDX-License-Identifier: LGPL-2.1-only
#include "core/revert_request.hpp"

#include <utility>

#include "core/domain_images.hpp"
#include "core/record_request.hpp"

namespace xlsnap {

namespace {

class Fitting {
  public:
    Fitting(const SnapshotRecord &record, const Domain &present, const DomainRecord &domain,
            const ImageLayers &layers, bool force)
        : record_(record), present_(present), domain_(domain), layers_(layers), force_(force),
          request_(request_for(record)) {}

    SnapshotRequest run() && {
        for (DiskRequest &disk : std::exchange(request_.disks, {}))
            place(std::move(disk));
        for (const DiskRecord &disk : record_.disks) {
            if (record_.memory && disk.kind == DiskSnapshotKind::None && disk.writable)
                keep_present(disk);
            if (force_ || has_left(disk))
                request_.may_differ.push_back(disk.path);
        }
        request_.twins = present_.type == GuestType::Hvm;
        return std::move(request_);
    }

  private:
    void place(DiskRequest disk) {
        const Disk *now = find_disk(present_, disk.vdev);
        disk.way = way_to_revert(layers_, disk.path, disk.external ? std::string() : disk.tag);
        const bool is_there = now != nullptr && now->path == disk.path;
        const bool is_known = is_there || (now != nullptr && is_ours(*now));
        const bool fits = is_there || (is_known && disk.way != RevertWay::InPlace);
        // What fits nowhere is refused by whoever looks at the disks of the request.
        if (fits || (!is_known && !force_))
            request_.disks.push_back(std::move(disk));
        else if (is_known || record_.memory)
            request_.detached.push_back(std::move(disk));
        else
            take_copy(std::move(disk), now);
    }

    // Of disks alone, by force.
    void take_copy(DiskRequest disk, const Disk *now) {
        if (now == nullptr)
            return;
        if (!disk.external) {
            disk.path = now->path;
            disk.format = now->format;
            disk.way = RevertWay::InPlace;
        }
        request_.disks.push_back(std::move(disk));
    }

    // What the snapshot left out goes on where it is.
    void keep_present(const DiskRecord &disk) {
        const Disk *now = find_disk(present_, disk.vdev);
        if (now != nullptr && is_ours(*now))
            request_.moved.push_back({now->vdev, now->path, now->format});
    }

    [[nodiscard]] bool has_left(const DiskRecord &disk) const {
        const Disk *now = find_disk(present_, disk.vdev);
        return now != nullptr && now->path != disk.path && is_ours(*now);
    }

    [[nodiscard]] bool is_ours(const Disk &disk) const {
        return find_image(domain_, disk.path) != nullptr;
    }

    const SnapshotRecord &record_;
    const Domain &present_;
    const DomainRecord &domain_;
    const ImageLayers &layers_;
    bool force_;
    SnapshotRequest request_;
};

} // namespace

SnapshotRequest revert_request(const SnapshotRecord &record, const Domain &present,
                               const DomainRecord &domain, const ImageLayers &layers, bool force) {
    return Fitting(record, present, domain, layers, force).run();
}

} // namespace xlsnap
