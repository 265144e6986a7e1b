// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>
#include <vector>

#include "core/image_chain.hpp"
#include "core/snapshot_record.hpp"

namespace xlsnap {

// Who of a domain in the catalog needs what this image holds, in words for a message: a snapshot
// that is in it or of it, and the domain itself when the image was made immutable for it. By path,
// or by the file where that is known.
[[nodiscard]] std::vector<std::string> claims_on(const ChainLayer &image,
                                                 const std::vector<SnapshotRecord> &records,
                                                 const DomainRecord &domain);

} // namespace xlsnap
