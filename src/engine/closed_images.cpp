// SPDX-License-Identifier: LGPL-2.1-only
#include "engine/closed_images.hpp"

#include <chrono>

#include <fmt/format.h>

#include "core/closed_selection.hpp"
#include "engine/image_guard.hpp"
#include "engine/unfinished.hpp"

namespace xlsnap {

namespace {

// How long a destroyed domain's QEMU may take to close its images. It writes back its caches, so
// slow storage counts; a process that keeps an image longer hangs.
constexpr std::chrono::seconds kImageReleaseDeadline{60};

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

ClosedImages gather_closed_images(const Ports &ports, const SnapshotRequest &request, TagUse use) {
    ClosedImages images;
    DiskSelection selected = select_closed_disks(request, use);
    images.refusals = selected.refusals;
    refuse_unfinished(request, selected.targets, images.refusals);
    for (const DiskTarget &target : selected.targets) {
        const Status closed = check_closed(ports.image_users, {target});
        images.refusals.add(closed);
        // Of an image that nobody can look at, such as one that is not there, nothing else is told.
        if (closed || closed.error().code == ErrorCode::NotReady)
            images.targets.push_back(target);
    }
    images.tags = list_image_tags(ports.disk_images, images.targets);
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
