// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "core/domain.hpp"
#include "core/snapshot_record.hpp"
#include "core/snapshot_request.hpp"

namespace xlsnap {

enum class DiskWishKind { Default, None, Internal, External };

// How the user wants one disk treated.
struct DiskWish {
    std::string vdev;
    DiskWishKind kind = DiskWishKind::Default;
};

// The disks of a new snapshot in the domain's order, each with path, format and `tag`. Every disk
// that the guest can change (is_changeable) takes part unless None is said for it, with memory or
// without; others only when Internal or External is said, so that the selection tells why they
// cannot. Invalid, with all reasons, for a wish about a disk that the domain does not have, and for
// two about one disk.
[[nodiscard]] Result<std::vector<DiskRequest>>
choose_disks(const Domain &domain, const std::vector<DiskWish> &wishes, const std::string &tag);

// What the record of the snapshot says of the domain's disks: every one with an image, those that
// `requests` leave out as None. Marks, sizes and overlays are for the caller to fill in.
[[nodiscard]] std::vector<DiskRecord> disk_records(const Domain &domain,
                                                   const std::vector<DiskRequest> &requests);

} // namespace xlsnap
