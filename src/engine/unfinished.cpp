// SPDX-License-Identifier: LGPL-2.1-only
#include "engine/unfinished.hpp"

namespace xlsnap {

void refuse_unfinished(std::vector<DiskTarget> &targets, Refusals &refusals) {
    for (const DiskTarget &target : external_ones(targets))
        refusals.add(fail(ErrorCode::NotImplemented,
                          "external snapshots are not deleted without the catalog yet"),
                     "disk " + target.vdev);
    targets = internal_ones(targets);
}

} // namespace xlsnap
