// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include "core/domain.hpp"
#include "core/image_layers.hpp"
#include "core/snapshot_record.hpp"
#include "core/snapshot_request.hpp"

namespace xlsnap {

// What a revert to the snapshot asks for, given the disks that the domain has now and who needs
// which image. The images to be made have no paths yet.
//
// An image that the domain's disks have left for another one of theirs is no obstacle. Disks with
// images that nobody knows are left for the selection to refuse, unless force accepts them: with
// memory the domain gets its disks of then again; without, a disk that it has no more is left out,
// and the tag of a copy is taken for that of the image that was copied.
[[nodiscard]] SnapshotRequest revert_request(const SnapshotRecord &record, const Domain &present,
                                             const DomainRecord &domain, const ImageLayers &layers,
                                             bool force);

} // namespace xlsnap
