// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>

#include "cli/snapshot_file.hpp"

namespace xlsnap::cli {

// The file that describes a snapshot. Paths in `directory`, the domain's in the catalog, are
// relative to it in the file.
[[nodiscard]] SnapshotFile snapshot_file_of(const libxl_domain_snapshot &snapshot,
                                            const std::string &directory);

// Fills in what the file says of a snapshot that is to be made; `snapshot` is as
// libxl_domain_snapshot_init() leaves it. A file with a creationtime describes one that was made:
// where that one has its data, `save` and the paths and formats of disks, is left out. In any other
// file only the overlays of external disk snapshots may have a path and a format. `type` is refused
// where no disk is listed. Throws std::runtime_error, which does not name the file.
void fill_in(libxl_domain_snapshot &snapshot, const SnapshotFile &file,
             const std::string &directory);

} // namespace xlsnap::cli
