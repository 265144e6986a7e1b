// SPDX-License-Identifier: LGPL-2.1-only
#include "engine/inactive_snapshots.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "core/closed_selection.hpp"
#include "core/plan.hpp"
#include "core/tag_check.hpp"
#include "core/tag_name.hpp"
#include "engine/closed_images.hpp"
#include "engine/executor.hpp"
#include "engine/image_guard.hpp"

namespace xlsnap {

namespace {

// The disks of a request that are as they should be, each looked at alone.
std::vector<DiskTarget> select_flawless_images(const SnapshotRequest &request, TagUse use) {
    std::vector<DiskTarget> targets;
    for (const DiskRequest &disk : request.disks) {
        SnapshotRequest alone;
        alone.disks = {disk};
        auto selected = select_closed_disks(alone, use);
        if (selected && std::ranges::count(targets, disk.path, &DiskTarget::path) == 0)
            targets.push_back(std::move(selected->front()));
    }
    return targets;
}

} // namespace

InactiveSnapshots::Images InactiveSnapshots::gather(const SnapshotRequest &request, TagUse use) {
    Images images;
    auto selected = select_closed_disks(request, use);
    if (!selected)
        images.refusals.add(fail(selected.error()));
    const std::vector<DiskTarget> targets =
        selected ? std::move(*selected) : select_flawless_images(request, use);
    for (const DiskTarget &target : targets) {
        const Status closed = check_closed(ports_.image_users, {target});
        images.refusals.add(closed);
        // Of an image that nobody can look at, such as one that is not there, nothing else is told.
        if (closed || closed.error().code == ErrorCode::NotReady)
            images.targets.push_back(target);
    }
    images.tags = list_image_tags(ports_.disk_images, images.targets);
    return images;
}

Status InactiveSnapshots::create(const SnapshotRequest &request) {
    Images images = gather(request, TagUse::Create);
    images.refusals.add(check_tags(images.targets, images.tags, TagUse::Create));
    XLSNAP_TRY(images.refusals.status());
    StepActions actions(ports_, Domain{});
    return execute(plan_create_closed(images.targets), actions, ports_.log);
}

Status InactiveSnapshots::revert(const SnapshotRequest &request) {
    Images images = gather(request, TagUse::Existing);
    images.refusals.add(check_only_tags(images.targets, images.tags));
    XLSNAP_TRY(images.refusals.status());
    const Plan plan = plan_revert_closed(images.targets, make_revert_tag(unique_()));
    StepActions actions(ports_, Domain{});
    XLSNAP_TRY(execute(plan, actions, ports_.log));
    return close(plan, actions, ports_.log);
}

Status InactiveSnapshots::remove(const SnapshotRequest &request) {
    Images images = gather(request, TagUse::Existing);
    images.refusals.add(check_listed(images.targets, images.tags));
    XLSNAP_TRY(images.refusals.status());
    std::vector<DiskTarget> gone;
    Status removed = remove_closed_tags(ports_.disk_images, images.targets, gone);
    for (const DiskTarget &target : gone)
        ports_.log.info(
            fmt::format("disk {}: snapshot '{}' is gone already", target.vdev, target.tag));
    return removed;
}

} // namespace xlsnap
