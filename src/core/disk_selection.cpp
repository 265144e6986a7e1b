// SPDX-License-Identifier: LGPL-2.1-only
#include "core/disk_selection.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/tag_name.hpp"

namespace xlsnap {

namespace {

struct Refusal {
    ErrorCode code;
    std::string reason;
};

// Why this disk cannot hold an internal snapshot; empty when it can.
std::string unsuitable(const Disk &disk) {
    if (disk.cdrom)
        return "is a CD-ROM drive, which no snapshot covers; leave it out";
    if (disk.format == DiskFormat::Empty || disk.path.empty())
        return "is an empty drive; leave it out";
    if (!disk.writable)
        return "is read-only, so its content cannot change; leave it out";
    if (disk.backend != DiskBackend::Qdisk)
        return "is not served by QEMU (backendtype=qdisk), which makes the snapshots";
    if (disk.format != DiskFormat::Qcow2)
        return fmt::format("has format {}, which holds no internal snapshots; only qcow2 does",
                           to_string(disk.format));
    return {};
}

class Selection {
  public:
    Selection(const Domain &domain, TagUse use) : domain_(domain), use_(use) {}

    void add(const DiskRequest &request) {
        const Disk *disk = find_disk(domain_, request.vdev);
        if (disk == nullptr) {
            refuse(ErrorCode::NotFound,
                   fmt::format("domain {} has no disk '{}'", domain_.name, request.vdev));
            return;
        }
        check_duplicates(*disk);
        if (!request.path.empty() && request.path != disk->path)
            refuse(ErrorCode::Invalid,
                   fmt::format("disk {} uses {}, not {}", disk->vdev, disk->path, request.path));
        if (request.external)
            refuse(ErrorCode::NotImplemented,
                   fmt::format("disk {}: external snapshots are not implemented yet; ask for an "
                               "internal one",
                               disk->vdev));
        else if (std::string reason = unsuitable(*disk); !reason.empty())
            refuse(ErrorCode::Invalid, fmt::format("disk {} {}", disk->vdev, reason));
        const Status name =
            use_ == TagUse::Create ? check_new_tag_name(request.tag) : check_tag_name(request.tag);
        if (!name)
            refuse(name.error().code, fmt::format("disk {}: {}", disk->vdev, name.error().message));
        targets_.push_back(DiskTarget{disk->vdev, disk->path, disk->format, request.tag});
    }

    Result<std::vector<DiskTarget>> finish() && {
        if (refusals_.empty())
            return std::move(targets_);
        std::vector<std::string> reasons;
        std::transform(refusals_.begin(), refusals_.end(), std::back_inserter(reasons),
                       [](const Refusal &refusal) { return refusal.reason; });
        return fail(refusals_.front().code, fmt::format("{}", fmt::join(reasons, "; ")));
    }

  private:
    void check_duplicates(const Disk &disk) {
        for (const DiskTarget &other : targets_) {
            if (other.vdev == disk.vdev)
                refuse(ErrorCode::Invalid, fmt::format("disk {} is named twice", disk.vdev));
            else if (other.path == disk.path)
                refuse(ErrorCode::Invalid, fmt::format("disks {} and {} use the same image {}",
                                                       other.vdev, disk.vdev, disk.path));
        }
    }

    void refuse(ErrorCode code, std::string reason) {
        refusals_.push_back(Refusal{code, std::move(reason)});
    }

    const Domain &domain_;
    TagUse use_;
    std::vector<DiskTarget> targets_;
    std::vector<Refusal> refusals_;
};

bool covers(const std::vector<DiskTarget> &targets, const Disk &disk) {
    return std::any_of(targets.begin(), targets.end(),
                       [&](const DiskTarget &target) { return target.vdev == disk.vdev; });
}

} // namespace

Result<std::vector<DiskTarget>> select_disks(const Domain &domain, const SnapshotRequest &request,
                                             TagUse use) {
    if (request.disks.empty() && !request.memory)
        return fail(ErrorCode::Invalid,
                    "neither memory nor a disk was asked for; name at least one");
    Selection selection(domain, use);
    for (const DiskRequest &disk : request.disks)
        selection.add(disk);
    return std::move(selection).finish();
}

std::vector<std::string> writable_disks_left_out(const Domain &domain,
                                                 const std::vector<DiskTarget> &targets) {
    std::vector<std::string> left_out;
    for (const Disk &disk : domain.disks) {
        const bool holds_data =
            disk.writable && !disk.cdrom && disk.format != DiskFormat::Empty && !disk.path.empty();
        if (holds_data && !covers(targets, disk))
            left_out.push_back(disk.vdev);
    }
    return left_out;
}

std::vector<std::string> paths_of(const std::vector<DiskTarget> &targets) {
    std::vector<std::string> paths;
    std::transform(targets.begin(), targets.end(), std::back_inserter(paths),
                   [](const DiskTarget &target) { return target.path; });
    return paths;
}

} // namespace xlsnap
