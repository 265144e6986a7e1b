// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>
#include <vector>

#include "cli/disk_spec.hpp"
#include "libxl_snapshot.h"

namespace xlsnap::cli {

// A disk of a domain that has got another image than its xl.cfg names.
struct ChangedImage {
    DiskImage now;
    std::string before; // the path
};

// What a snapshot that was just made has changed: the overlays of its external disks.
[[nodiscard]] std::vector<ChangedImage> images_changed_by(const libxl_domain_snapshot &snapshot);

// The disks of both that have other images after than before.
[[nodiscard]] std::vector<ChangedImage> differing_images(const std::vector<DiskImage> &before,
                                                         const std::vector<DiskImage> &after);

// What the user is told, a sentence for each disk and one that says what to do; nothing when
// nothing has changed. `xl_config` is the domain's file, empty when it is not known. The next start
// of a domain that does not run is from that file.
[[nodiscard]] std::vector<std::string> stale_config_notes(const std::vector<ChangedImage> &changed,
                                                          bool runs, const std::string &xl_config);

} // namespace xlsnap::cli
