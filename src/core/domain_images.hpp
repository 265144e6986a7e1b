// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/config_disks.hpp"
#include "core/domain.hpp"
#include "core/snapshot_record.hpp"

namespace xlsnap {

// Adds the image, or takes what is known of it now where it is listed; one that is listed as made
// by xlsnap stays so.
void list_image(DomainRecord &domain, DomainImage image);

// What a list that was lost had of images that external snapshots were made of. Nobody can tell any
// more what xlsnap made: nothing of it will be removed.
void list_recorded_images(DomainRecord &domain, const std::vector<SnapshotRecord> &records,
                          const Domain &present);

// nullptr: it is not listed.
[[nodiscard]] const DomainImage *find_image(const DomainRecord &domain, std::string_view path);

// The disk has this image from now on.
void set_image(Domain &domain, const DiskChange &image);

// A configuration of a domain that does not run may be an old one, which names an image that the
// disk has left for another since, and that may be removed (`missing`): what was changed there, as
// the domain's record says.
[[nodiscard]] std::vector<DiskChange> left_images(const Domain &configured,
                                                  const DomainRecord &domain,
                                                  const std::vector<std::string> &missing);

} // namespace xlsnap
