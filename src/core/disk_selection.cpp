// SPDX-License-Identifier: LGPL-2.1-only
#include "core/disk_selection.hpp"

#include <algorithm>
#include <functional>
#include <iterator>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/combinations.hpp"
#include "core/overlay_selection.hpp"

namespace xlsnap {

namespace {

// Why no snapshot can be made of a disk whatever serves it, since it holds nothing that
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

// Every reason, its format aside, why this disk can have no snapshot; none when it can.
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
    return reasons;
}

// Overlays are root's. Nor would it help to give them away: the PV disk of such a QEMU fails for
// want of rights, and QEMU removes an overlay at once from the node that this disk has left behind.
Status check_user(const std::string &qemu_user) {
    if (qemu_user.empty() || qemu_user == "root")
        return {};
    return fail(ErrorCode::Invalid,
                fmt::format("the domain's QEMU runs as user {} (device_model_user) and cannot open "
                            "a new overlay; ask for an internal snapshot, or shut the domain down "
                            "first",
                            qemu_user));
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
            selection_.targets.push_back(target_on(request, *disk));
        selection_.refusals.add(refusals);
        named_.push_back(disk);
    }

    void refuse(CombinationRefusal why) {
        selection_.refusals.add(ErrorCode::Invalid, reason_of(why));
    }

    void add_live(const SnapshotRequest &request) { selection_.refusals.add(check_live(request)); }

    DiskSelection finish() && {
        std::vector<std::string> images;
        for (const Disk &disk : domain_.disks)
            images.push_back(disk.path);
        settle_overlays(selection_, images, use_);
        return std::move(selection_);
    }

  private:
    [[nodiscard]] Refusals check(const DiskRequest &request, const Disk &disk) const {
        Refusals refusals = check_duplicates(disk);
        if (names_another_image(request, disk))
            refusals.add(ErrorCode::Invalid,
                         fmt::format("disk {} uses {}, not {}; name the one in use, or none",
                                     disk.vdev, disk.path, request.path));
        for (const std::string &reason : unsuitable(disk))
            refusals.add(ErrorCode::Invalid, fmt::format("disk {} {}", disk.vdev, reason));
        const std::string who = "disk " + disk.vdev;
        if (request.external && use_ == TagUse::Create)
            refusals.add(check_user(domain_.hindrances.qemu_user), who);
        if (nothing_to_keep(disk).empty())
            refusals.add(check_kind(request, disk.format, use_), who);
        refusals.add(check_name(request, use_), who);
        return refusals;
    }

    // Once an external snapshot is made, the domain goes on with another image than it holds.
    [[nodiscard]] bool names_another_image(const DiskRequest &request, const Disk &disk) const {
        const bool may_be_another =
            use_ == TagUse::Existing && (request.external || request.way != RevertWay::InPlace);
        return !may_be_another && !request.path.empty() && request.path != disk.path;
    }

    // One that is not made now lies where it was made, wherever the domain writes now.
    [[nodiscard]] DiskTarget target_on(const DiskRequest &request, const Disk &disk) const {
        const bool is_there = use_ == TagUse::Create || request.path.empty() ||
                              (!request.external && request.way == RevertWay::InPlace);
        return target_of(request, disk.vdev, is_there ? disk.path : request.path,
                         is_there ? disk.format : request.format);
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
    if (request.disks.empty() && request.detached.empty() && !request.memory)
        selection.refuse(CombinationRefusal::NothingSelected);
    for (const DiskRequest &disk : request.disks)
        selection.add(disk);
    selection.add_live(request);
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

std::vector<DiskTarget> external_ones(const std::vector<DiskTarget> &targets) {
    std::vector<DiskTarget> found;
    std::ranges::copy_if(targets, std::back_inserter(found), is_external);
    return found;
}

std::vector<DiskTarget> internal_ones(const std::vector<DiskTarget> &targets) {
    std::vector<DiskTarget> found;
    std::ranges::copy_if(targets, std::back_inserter(found), std::not_fn(is_external));
    return found;
}

std::vector<DiskTarget> in_place(const std::vector<DiskTarget> &targets) {
    std::vector<DiskTarget> found;
    std::ranges::copy_if(targets, std::back_inserter(found), std::not_fn(needs_image));
    return found;
}

std::vector<DiskTarget> with_new_image(const std::vector<DiskTarget> &targets) {
    std::vector<DiskTarget> found;
    std::ranges::copy_if(targets, std::back_inserter(found), needs_image);
    return found;
}

std::vector<std::string> paths_of(const std::vector<DiskTarget> &targets) {
    std::vector<std::string> paths;
    std::transform(targets.begin(), targets.end(), std::back_inserter(paths),
                   [](const DiskTarget &target) { return target.path; });
    return paths;
}

} // namespace xlsnap
