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
#include "engine/new_images.hpp"

namespace xlsnap {

Result<Plan> InactiveSnapshots::plan_create(const SnapshotRequest &request) {
    ClosedImages images = gather_closed_images(ports_, request, Operation::Create);
    images.refusals.add(check_tags(images.tagged, images.tags, TagUse::Create));
    XLSNAP_TRY(images.refusals.status());
    return plan_create_closed(images.targets, request.twins);
}

Status InactiveSnapshots::create(const SnapshotRequest &request) {
    XLSNAP_ASSIGN(const Plan plan, plan_create(request));
    StepActions actions(ports_, Domain{});
    return execute(plan, actions, ports_.log);
}

Result<Plan> InactiveSnapshots::plan_revert(const SnapshotRequest &request,
                                            const Refusals &refusals) {
    ClosedImages images = gather_closed_images(ports_, request, Operation::Revert);
    images.refusals.add(refusals);
    images.refusals.add(check_only_tags(images.tagged, images.tags));
    XLSNAP_TRY(images.refusals.status());
    return plan_revert_closed(images.targets, make_revert_tag(unique_()), request.twins);
}

Status InactiveSnapshots::revert(const SnapshotRequest &request, const Refusals &refusals) {
    XLSNAP_ASSIGN(const Plan plan, plan_revert(request, refusals));
    StepActions actions(ports_, Domain{});
    XLSNAP_TRY(execute(plan, actions, ports_.log));
    tell_new_images(plan, request, false, ports_.log);
    return close(plan, actions, ports_.log);
}

Status InactiveSnapshots::check_removal(const SnapshotRequest &request) {
    ClosedImages images = gather_closed_images(ports_, request, Operation::Delete);
    images.refusals.add(check_listed(images.tagged, images.tags));
    return images.refusals.status();
}

Status InactiveSnapshots::remove(const SnapshotRequest &request) {
    ClosedImages images = gather_closed_images(ports_, request, Operation::Delete);
    images.refusals.add(check_listed(images.tagged, images.tags));
    XLSNAP_TRY(images.refusals.status());
    std::vector<DiskTarget> gone;
    Status removed = remove_closed_tags(ports_.disk_images, images.targets, gone);
    for (const DiskTarget &target : gone)
        ports_.log.info(
            fmt::format("disk {}: snapshot '{}' is gone already", target.vdev, target.tag));
    return removed;
}

} // namespace xlsnap
