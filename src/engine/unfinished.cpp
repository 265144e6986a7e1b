// SPDX-License-Identifier: LGPL-2.1-only
#include "engine/unfinished.hpp"

#include <algorithm>
#include <utility>

namespace xlsnap {

void refuse_unfinished(const SnapshotRequest &request, std::vector<DiskTarget> &targets,
                       Refusals &refusals) {
    if (request.live && request.memory)
        refusals.add(ErrorCode::NotImplemented,
                     "live snapshots are not implemented yet; ask for one that is not live");
    for (const DiskTarget &target : targets)
        if (is_external(target))
            refusals.add(
                fail(ErrorCode::NotImplemented,
                     "external snapshots are not implemented yet; ask for an internal one"),
                "disk " + target.vdev);
    std::erase_if(targets, is_external);
}

std::vector<DiskWish> without_unfinished_defaults(const Domain &domain,
                                                  std::vector<DiskWish> wishes, bool live) {
    if (live)
        return wishes;
    for (const Disk &disk : domain.disks) {
        if (!is_changeable(disk) || !holds_tags(disk.format))
            continue;
        const auto wish = std::ranges::find(wishes, disk.vdev, &DiskWish::vdev);
        if (wish == wishes.end())
            wishes.push_back({disk.vdev, DiskWishKind::Internal});
        else if (wish->kind == DiskWishKind::Default)
            wish->kind = DiskWishKind::Internal;
    }
    return wishes;
}

} // namespace xlsnap
