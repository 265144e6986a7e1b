// SPDX-License-Identifier: LGPL-2.1-only
#include "core/overlay_selection.hpp"

#include <algorithm>
#include <climits>
#include <vector>

#include <fmt/format.h>

#include "core/combinations.hpp"
#include "core/overlay_path.hpp"
#include "core/tag_name.hpp"

namespace xlsnap {

namespace {

Status check_overlay_path(const std::string &path) {
    if (!path.starts_with('/') || path.ends_with('/'))
        return fail(
            ErrorCode::Invalid,
            fmt::format("'{}' is no absolute path of a file; give that of the overlay", path));
    if (path.size() >= PATH_MAX)
        return fail(ErrorCode::Invalid,
                    fmt::format("the path of its overlay has {} bytes; give one of less than {}",
                                path.size(), PATH_MAX));
    return {};
}

using ExternalTargets = std::vector<DiskTarget *>;

ExternalTargets external_ones(std::vector<DiskTarget> &targets) {
    ExternalTargets found;
    for (DiskTarget &target : targets)
        if (is_external(target))
            found.push_back(&target);
    return found;
}

void make_paths(const ExternalTargets &targets, Refusals &refusals) {
    std::vector<OverlayWish> wishes;
    for (const DiskTarget *target : targets)
        wishes.push_back({target->overlay, target->vdev, target->path, target->tag});
    const auto paths = overlay_paths(wishes, {});
    for (std::size_t i = 0; i < targets.size(); ++i) {
        if (paths[i])
            targets[i]->overlay = *paths[i];
        else
            refusals.add(fail(paths[i].error()), "disk " + targets[i]->vdev);
    }
}

void refuse_shared_overlays(const ExternalTargets &targets, Refusals &refusals) {
    for (auto one = targets.begin(); one != targets.end(); ++one)
        for (auto other = targets.begin(); other != one; ++other)
            if ((*one)->overlay == (*other)->overlay && !(*one)->overlay.empty())
                refusals.add(ErrorCode::Invalid,
                             fmt::format("disks {} and {} would have the same overlay {}; give "
                                         "each one of its own",
                                         (*other)->vdev, (*one)->vdev, (*one)->overlay));
}

} // namespace

Status check_kind(const DiskRequest &request, DiskFormat format, TagUse use) {
    if (!request.external && !holds_tags(format))
        return fail(ErrorCode::Invalid, reason_of(CombinationRefusal::InternalWithoutTags, format));
    if (!request.external || use == TagUse::Existing)
        return {};
    if (!carries_overlay(format))
        return fail(ErrorCode::Invalid,
                    fmt::format("format {} carries no overlay; convert the image (qemu-img convert "
                                "-O qcow2), or leave it out",
                                to_string(format)));
    if (request.overlay_format != DiskFormat::Qcow2)
        return fail(ErrorCode::Invalid,
                    "the format of an overlay is qcow2; say that, or nothing about it");
    return {};
}

Status check_name(const DiskRequest &request, TagUse use) {
    if (request.external)
        return {};
    return use == TagUse::Create ? check_new_tag_name(request.tag) : check_tag_name(request.tag);
}

Refusals check_live(const SnapshotRequest &request) {
    Refusals refusals;
    for (const DiskRequest &disk : request.disks)
        if (request.live && !disk.external)
            refusals.add(fail(ErrorCode::Invalid, reason_of(CombinationRefusal::LiveWithInternal)),
                         "disk " + (disk.vdev.empty() ? disk.path : disk.vdev));
    return refusals;
}

DiskTarget target_of(const DiskRequest &request, const std::string &vdev, const std::string &path,
                     DiskFormat format) {
    DiskTarget target{vdev, path, format, request.tag};
    target.way = request.way;
    target.new_image = request.new_image;
    if (!request.external)
        return target;
    target.way = RevertWay::NewOverlay;
    target.kind = DiskSnapshotKind::External;
    target.overlay = request.overlay;
    target.overlay_format = request.overlay_format;
    return target;
}

void settle_overlays(DiskSelection &selection, const std::vector<std::string> &images, TagUse use) {
    const ExternalTargets targets = external_ones(selection.targets);
    const bool is_new = use == TagUse::Create;
    if (is_new)
        make_paths(targets, selection.refusals);
    for (const DiskTarget *target : targets) {
        if (is_new && target->overlay.empty())
            continue; // make_paths() has said why
        selection.refusals.add(check_overlay_path(target->overlay), "disk " + target->vdev);
        if (is_new && std::ranges::count(images, target->overlay) != 0)
            selection.refusals.add(ErrorCode::Invalid,
                                   fmt::format("disk {}: its overlay {} would be an image that is "
                                               "in use; give another path",
                                               target->vdev, target->overlay));
    }
    refuse_shared_overlays(targets, selection.refusals);
}

} // namespace xlsnap
