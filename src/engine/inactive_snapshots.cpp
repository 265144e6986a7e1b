// SPDX-License-Identifier: LGPL-2.1-only
#include "engine/inactive_snapshots.hpp"

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

InactiveSnapshots::Images InactiveSnapshots::gather(const SnapshotRequest &request, TagUse use) {
    Images images;
    const DiskSelection selected = select_closed_disks(request, use);
    images.refusals = selected.refusals;
    for (const DiskTarget &target : selected.targets) {
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
