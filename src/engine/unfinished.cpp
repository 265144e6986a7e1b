// SPDX-License-Identifier: LGPL-2.1-only
#include "engine/unfinished.hpp"

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

} // namespace xlsnap
