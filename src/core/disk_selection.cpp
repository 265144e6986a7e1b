// SPDX-License-Identifier: LGPL-2.1-only
#include "core/disk_selection.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/tag_name.hpp"

namespace xlsnap {

namespace {

// Why no internal snapshot can be made of a disk whatever serves it, since it holds nothing that
// could change; empty when it does.
std::string nothing_to_keep(const Disk &disk) {
    if (disk.cdrom)
        return "is a CD-ROM drive, which no snapshot covers; leave it out";
    if (!has_image(disk))
        return "is an empty drive; leave it out";
    if (!disk.writable)
        return "is read-only, so its content cannot change; leave it out";
    return {};
}

// libxl serves a disk with a script by phy alone: that back end is no reason of its own.
bool follows_from_script(const Disk &disk) {
    return !disk.script.empty() && disk.backend == DiskBackend::Phy;
}

// Every reason why this disk cannot hold an internal snapshot; none when it can.
std::vector<std::string> unsuitable(const Disk &disk) {
    if (std::string reason = nothing_to_keep(disk); !reason.empty())
        return {std::move(reason)};
    std::vector<std::string> reasons;
    if (!disk.backend_domain.empty())
        reasons.push_back(
            fmt::format("is served by driver domain {}, whose QEMU is out of reach; let this "
                        "domain serve it, or leave it out",
                        disk.backend_domain));
    if (!disk.script.empty())
        reasons.push_back(fmt::format(
            "is made by the block script {}, which no snapshot covers; leave it out", disk.script));
    if (disk.colo)
        reasons.emplace_back("is replicated by COLO, which a snapshot would break; leave it out");
    if (disk.backend != DiskBackend::Qdisk && !follows_from_script(disk))
        reasons.push_back(fmt::format("is served by {}, but snapshots are made by QEMU; give it "
                                      "backendtype=qdisk, or leave it out",
                                      to_string(disk.backend)));
    if (disk.format != DiskFormat::Qcow2)
        reasons.push_back(
            fmt::format("has format {}, which holds no internal snapshots; convert it (qemu-img "
                        "convert -O qcow2), or leave it out",
                        to_string(disk.format)));
    return reasons;
}

class Selection {
  public:
    Selection(const Domain &domain, TagUse use) : domain_(domain), use_(use) {}

    void add(const DiskRequest &request) {
        const Disk *disk = find_disk(domain_, request.vdev);
        if (disk == nullptr) {
            selection_.refusals.add(ErrorCode::NotFound, no_such_disk(domain_, request.vdev));
            return;
        }
        const Refusals refusals = check(request, *disk);
        if (refusals.empty())
            selection_.targets.push_back(
                DiskTarget{disk->vdev, disk->path, disk->format, request.tag});
        selection_.refusals.add(refusals);
        named_.push_back(disk);
    }

    void refuse(std::string reason) {
        selection_.refusals.add(ErrorCode::Invalid, std::move(reason));
    }

    DiskSelection finish() && { return std::move(selection_); }

  private:
    [[nodiscard]] Refusals check(const DiskRequest &request, const Disk &disk) const {
        Refusals refusals = check_duplicates(disk);
        if (!request.path.empty() && request.path != disk.path)
            refusals.add(ErrorCode::Invalid,
                         fmt::format("disk {} uses {}, not {}; name the one in use, or none",
                                     disk.vdev, disk.path, request.path));
        refusals.add(check_kind(request, disk));
        refusals.add(use_ == TagUse::Create ? check_new_tag_name(request.tag)
                                            : check_tag_name(request.tag),
                     "disk " + disk.vdev);
        return refusals;
    }

    static Refusals check_kind(const DiskRequest &request, const Disk &disk) {
        Refusals refusals;
        if (request.external) {
            refusals.add(
                ErrorCode::NotImplemented,
                fmt::format("disk {}: external snapshots are not implemented yet; ask for an "
                            "internal one",
                            disk.vdev));
            return refusals;
        }
        for (const std::string &reason : unsuitable(disk))
            refusals.add(ErrorCode::Invalid, fmt::format("disk {} {}", disk.vdev, reason));
        return refusals;
    }

    [[nodiscard]] Refusals check_duplicates(const Disk &disk) const {
        Refusals refusals;
        for (const Disk *other : named_) {
            if (other->vdev == disk.vdev)
                refusals.add(ErrorCode::Invalid,
                             fmt::format("disk {} is named twice; name it once", disk.vdev));
            else if (other->path == disk.path)
                refusals.add(ErrorCode::Invalid,
                             fmt::format("disks {} and {} use the same image {}; leave one out",
                                         other->vdev, disk.vdev, disk.path));
        }
        return refusals;
    }

    const Domain &domain_;
    TagUse use_;
    std::vector<const Disk *> named_;
    DiskSelection selection_;
};

bool covers(const std::vector<DiskTarget> &targets, const Disk &disk) {
    return std::any_of(targets.begin(), targets.end(),
                       [&](const DiskTarget &target) { return target.vdev == disk.vdev; });
}

} // namespace

std::string no_such_disk(const Domain &domain, std::string_view vdev) {
    std::vector<std::string_view> vdevs;
    std::ranges::transform(domain.disks, std::back_inserter(vdevs), &Disk::vdev);
    return fmt::format("there is no disk '{}' in it; {}", vdev,
                       vdevs.empty()
                           ? "it has none"
                           : fmt::format("name one of those it has, {}", fmt::join(vdevs, ", ")));
}

DiskSelection select_disks(const Domain &domain, const SnapshotRequest &request, TagUse use) {
    Selection selection(domain, use);
    if (request.disks.empty() && !request.memory)
        selection.refuse("neither memory nor a writable disk was asked for; name at least one");
    for (const DiskRequest &disk : request.disks)
        selection.add(disk);
    return std::move(selection).finish();
}

std::vector<std::string> writable_disks_left_out(const Domain &domain,
                                                 const std::vector<DiskTarget> &targets) {
    std::vector<std::string> left_out;
    for (const Disk &disk : domain.disks)
        if (is_changeable(disk) && !covers(targets, disk))
            left_out.push_back(disk.vdev);
    return left_out;
}

std::vector<std::string> paths_of(const std::vector<DiskTarget> &targets) {
    std::vector<std::string> paths;
    std::transform(targets.begin(), targets.end(), std::back_inserter(paths),
                   [](const DiskTarget &target) { return target.path; });
    return paths;
}

} // namespace xlsnap
