// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "core/disk_selection.hpp"
#include "core/domain.hpp"
#include "core/snapshot_request.hpp"

namespace xlsnap {

// Whether a memory image with this configuration (libxl_domain_config in libxl's JSON) belongs to
// `domain`, every disk of it is still the domain's, unless a target gets a new image, and the disks
// of `targets` are among them.
// Invalid, with every reason, when not: a memory image over foreign disks destroys file systems.
//
// request.known_uuid takes the place of the domain's uuid. request.may_differ accepts images that
// the domain has no more, and no others: libxl opens whatever the configuration names, and only of
// these somebody has made sure that nobody else has them.
[[nodiscard]] Status check_saved_config(const std::string &config_json, const Domain &domain,
                                        const std::vector<DiskTarget> &targets,
                                        const SnapshotRequest &request);

} // namespace xlsnap
