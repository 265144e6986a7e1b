// SPDX-License-Identifier: LGPL-2.1-only
#include "engine/closed_images.hpp"

#include <fmt/format.h>

#include "core/closed_selection.hpp"
#include "engine/image_checks.hpp"
#include "engine/image_guard.hpp"

namespace xlsnap {

namespace {

// A configuration may leave the choice to libxl.
bool may_be_qemus(DiskBackend backend) {
    return backend == DiskBackend::Qdisk || backend == DiskBackend::Unknown;
}

Status remove_closed_tag(DiskImages &images, const DiskTarget &target,
                         std::vector<DiskTarget> &gone) {
    XLSNAP_ASSIGN(const std::vector<Tag> tags, images.list_tags(target.path, target.format));
    if (find_tag(tags, target.tag) != nullptr)
        return images.delete_tag(target.path, target.format, target.tag);
    gone.push_back(target);
    return {};
}

// Others may read what a revert makes an image from.
Status check_unused(ImageUsers &users, const DiskTarget &target, Operation operation) {
    return operation == Operation::Revert && needs_image(target)
               ? check_unwritten(users, {target}, Domain{})
               : check_closed(users, {target});
}

Refusals settle_images(const Ports &ports, std::vector<DiskTarget> &targets, Operation operation) {
    Refusals refusals;
    if (operation == Operation::Create)
        return check_new_overlays(ports, targets);
    if (operation == Operation::Revert) {
        refusals = name_images_for_revert(ports, targets);
        refusals.add(check_images_for_revert(ports, targets));
    }
    return refusals;
}

} // namespace

std::vector<DiskTarget> images_of_qemu(const Domain &domain) {
    std::vector<DiskTarget> images;
    for (const Disk &disk : domain.disks)
        if (disk.writable && may_be_qemus(disk.backend) && disk.backend_domain.empty() &&
            disk.script.empty() && disk.path.starts_with('/'))
            images.push_back(DiskTarget{disk.vdev, disk.path, disk.format, {}});
    return images;
}

std::vector<ListedTags> list_image_tags(DiskImages &images,
                                        const std::vector<DiskTarget> &targets) {
    std::vector<ListedTags> listed;
    listed.reserve(targets.size());
    for (const DiskTarget &target : targets)
        listed.push_back(images.list_tags(target.path, target.format));
    return listed;
}

ClosedImages gather_closed_images(const Ports &ports, const SnapshotRequest &request,
                                  Operation operation) {
    const TagUse use = operation == Operation::Create ? TagUse::Create : TagUse::Existing;
    ClosedImages images;
    DiskSelection selected = select_closed_disks(request, use);
    images.refusals = selected.refusals;
    for (const DiskTarget &target : selected.targets) {
        const Status unused = check_unused(ports.image_users, target, operation);
        images.refusals.add(unused);
        // Of an image that nobody can look at, such as one that is not there, nothing else is told.
        if (unused || unused.error().code == ErrorCode::NotReady)
            images.targets.push_back(target);
    }
    images.refusals.add(settle_images(ports, images.targets, operation));
    images.tagged =
        operation == Operation::Revert ? in_place(images.targets) : internal_ones(images.targets);
    images.tags = list_image_tags(ports.disk_images, images.tagged);
    return images;
}

Status wait_until_closed(ImageUsers &users, const std::vector<DiskTarget> &targets) {
    return users.wait_until_unused(paths_of(targets), kImageReleaseDeadline);
}

Status wait_until_startable(ImageUsers &users, const Domain &domain) {
    const std::vector<std::string> paths = paths_of(images_of_qemu(domain));
    XLSNAP_TRY(users.wait_until_unwritten(paths, kImageReleaseDeadline));
    // Only xen-block opens images with locking off: the emulated disks of an HVM guest are refused
    // to QEMU while qemu-img reads them without -U. It is given time to end; then QEMU decides.
    if (domain.type == GuestType::Hvm)
        static_cast<void>(users.wait_until_unused(paths, kImageReleaseDeadline));
    return {};
}

Status wait_until_left(ImageUsers &users, const Domain &domain) {
    for (const std::string &path : paths_of(images_of_qemu(domain))) {
        Status left = users.wait_until_unwritten({path}, kImageReleaseDeadline);
        // Nobody writes to what is not there.
        if (!left && left.error().code != ErrorCode::NotFound)
            return left;
    }
    return {};
}

Status remove_closed_tags(DiskImages &images, const std::vector<DiskTarget> &targets,
                          std::vector<DiskTarget> &gone) {
    Status result;
    for (const DiskTarget &target : targets) {
        Status removed = remove_closed_tag(images, target, gone)
                             .with_context(fmt::format("disk {}", target.vdev));
        if (result)
            result = std::move(removed);
    }
    return result;
}

} // namespace xlsnap
