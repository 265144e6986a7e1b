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

Result<std::vector<std::vector<Tag>>>
InactiveSnapshots::list_tags(const std::vector<DiskTarget> &targets) {
    std::vector<std::vector<Tag>> tags;
    for (const DiskTarget &target : targets) {
        XLSNAP_ASSIGN(std::vector<Tag> listed,
                      ports_.disk_images.list_tags(target.path, target.format)
                          .with_context(fmt::format("disk {}", target.vdev)));
        tags.push_back(std::move(listed));
    }
    return tags;
}

Result<InactiveSnapshots::Images> InactiveSnapshots::gather(const SnapshotRequest &request,
                                                            TagUse use) {
    Images images;
    XLSNAP_ASSIGN(images.targets, select_closed_disks(request, use));
    XLSNAP_TRY(check_closed(ports_.image_users, images.targets));
    XLSNAP_ASSIGN(images.tags, list_tags(images.targets));
    XLSNAP_TRY(check_tags(images.targets, images.tags, use));
    return images;
}

Status InactiveSnapshots::create(const SnapshotRequest &request) {
    XLSNAP_ASSIGN(const Images images, gather(request, TagUse::Create));
    StepActions actions(ports_, Domain{});
    return execute(plan_create_closed(images.targets), actions, ports_.log);
}

Status InactiveSnapshots::revert(const SnapshotRequest &request) {
    XLSNAP_ASSIGN(const Images images, gather(request, TagUse::Existing));
    for (std::size_t i = 0; i < images.targets.size(); ++i)
        XLSNAP_TRY(find_only_tag(images.tags[i], images.targets[i].tag)
                       .with_context(fmt::format("disk {}", images.targets[i].vdev)));
    const Plan plan = plan_revert_closed(images.targets, make_revert_tag(unique_()));
    StepActions actions(ports_, Domain{});
    XLSNAP_TRY(execute(plan, actions, ports_.log));
    return close(plan, actions, ports_.log);
}

Status InactiveSnapshots::remove(const SnapshotRequest &request) {
    XLSNAP_ASSIGN(const std::vector<DiskTarget> targets,
                  select_closed_disks(request, TagUse::Existing));
    XLSNAP_TRY(check_closed(ports_.image_users, targets));
    std::vector<DiskTarget> gone;
    Status removed = remove_closed_tags(ports_.disk_images, targets, gone);
    for (const DiskTarget &target : gone)
        ports_.log.info(
            fmt::format("disk {}: snapshot '{}' is gone already", target.vdev, target.tag));
    return removed;
}

} // namespace xlsnap
