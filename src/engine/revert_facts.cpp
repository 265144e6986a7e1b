// SPDX-License-Identifier: LGPL-2.1-only
#include "engine/revert_facts.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "core/domain_images.hpp"
#include "core/domain_layers.hpp"
#include "core/revert_request.hpp"
#include "engine/image_checks.hpp"
#include "engine/image_guard.hpp"
#include "engine/layer_facts.hpp"

namespace xlsnap {

namespace {

// Told of each reason that force overrides, so that nobody has to know the option.
Status with_way_out(const Refusals &forcible) {
    Status refused = forcible.status();
    if (!refused)
        refused.error().message += "; a forced revert (--force) goes on in spite of this";
    return refused;
}

bool needs_image(const DiskRequest &disk) {
    return disk.external || disk.way != RevertWay::InPlace;
}

// Each disk of the request that gets an image.
template <typename Request, typename Visit> void each_with_image(Request &request, Visit visit) {
    for (auto *disks : {&request.disks, &request.detached})
        for (auto &disk : *disks)
            if (needs_image(disk))
                visit(disk);
}

} // namespace

std::vector<DomainImage> images_made_for(const SnapshotRequest &request) {
    std::vector<DomainImage> images;
    each_with_image(request, [&](const DiskRequest &disk) {
        images.push_back({disk.new_image, DiskFormat::Qcow2, {}, true});
    });
    return images;
}

Domain with_reverted_disks(Domain present, const SnapshotRequest &request) {
    for (const auto *disks : {&request.disks, &request.detached})
        for (const DiskRequest &disk : *disks)
            set_image(present, needs_image(disk)
                                   ? DiskChange{disk.vdev, disk.new_image, DiskFormat::Qcow2}
                                   : DiskChange{disk.vdev, disk.path, disk.format});
    return present;
}

Result<SnapshotRequest> RevertFacts::request(const DomainCatalog &known,
                                             const SnapshotRecord &record, const Domain &present,
                                             bool force, const std::string &directory) {
    XLSNAP_ASSIGN(const ImageLayers layers, gather_layers(ports_, known, active_images(present)));
    SnapshotRequest request = revert_request(record, present, known.domain, layers, force);
    // Images of block devices lie where the memory image would.
    const std::string memory_path = catalog_.memory_path(known.domain.uuid, record.id);
    const OverlayPlaces places{directory, memory_path.substr(0, memory_path.rfind('/'))};
    XLSNAP_TRY(name_images(record, places, request));
    return request;
}

// Two disks may have images of one name, such as a.raw and a.qcow2.
Status RevertFacts::name_images(const SnapshotRecord &record, const OverlayPlaces &places,
                                SnapshotRequest &request) {
    std::set<std::string> taken;
    Status named;
    each_with_image(request, [&](DiskRequest &disk) {
        for (const std::string &vdev : {std::string(), disk.vdev}) {
            auto path = free_image_path(ports_.disk_images, disk.path, record.name, vdev, places);
            if (!path && named)
                named = fail(std::move(path.error()));
            if (!path || !taken.insert(*path).second)
                continue;
            disk.new_image = *path;
            return;
        }
    });
    return named;
}

std::vector<DiskNow> RevertFacts::disks_now(const Domain &domain) {
    std::vector<DiskNow> disks;
    for (const Disk &disk : domain.disks) {
        if (!has_image(disk))
            continue;
        DiskNow now{disk.vdev, disk.path, 0, is_changeable(disk), {}};
        if (const auto facts = ports_.disk_images.examine(disk.path, disk.format)) {
            now.virtual_bytes = facts->virtual_bytes;
            now.mark = facts->mark;
        }
        disks.push_back(std::move(now));
    }
    return disks;
}

Refusals RevertFacts::drift(const DomainCatalog &known, const SnapshotRecord &record,
                            const Domain &present, bool force) {
    const SnapshotDrift drift = drift_since(record, disks_now(present), known.domain.images);
    Refusals forcible = drift.forcible;
    for (const DiskRecord &disk : record.disks)
        if (disk.kind != DiskSnapshotKind::None)
            forcible.add(check_unchanged(disk, known).status(), "disk " + disk.vdev);
    Refusals refusals = drift.firm;
    if (!force)
        refusals.add(with_way_out(forcible));
    refusals.add(check_brought_back(record, drift.brought_back));
    return refusals;
}

// What nobody can look at, the checks of its chain tell. An image that holds the tag is written to
// by the domain; what it stands on is not.
Refusals RevertFacts::check_unchanged(const DiskRecord &disk, const DomainCatalog &known) {
    const auto facts = ports_.disk_images.examine(disk.path, disk.format);
    Refusals refusals;
    if (facts && disk.kind == DiskSnapshotKind::External)
        refusals = changed_since(disk, facts->mark);
    if (const auto chain = ports_.image_chains.chain(disk.path, disk.format))
        refusals.add(changed_below(*chain, known.snapshots, known.domain));
    return refusals;
}

// Images that the restored domain opens again. Of one that it only reads, as an ISO image, others
// may be readers too.
Refusals RevertFacts::check_brought_back(const SnapshotRecord &record,
                                         const std::vector<std::string> &paths) {
    Refusals refusals;
    for (const DiskRecord &disk : record.disks) {
        if (std::ranges::count(paths, disk.path) == 0)
            continue;
        const std::vector<DiskTarget> target{{disk.vdev, disk.path, disk.format, {}}};
        refusals.add(disk.writable ? check_closed(ports_.image_users, target)
                                   : check_unwritten(ports_.image_users, target, Domain{}));
    }
    return refusals;
}

} // namespace xlsnap
