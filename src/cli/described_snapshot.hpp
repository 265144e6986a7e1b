// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>

#include "cli/snapshot_file.hpp"

namespace xlsnap::cli {

// Between a snapshot and the file that describes it. Relative paths in the file are relative to
// `directory`, the domain's in the catalog: what lies in it is written so, and fill_in() makes it
// absolute again.
[[nodiscard]] SnapshotFile snapshot_file_of(const libxl_domain_snapshot &snapshot,
                                            const std::string &directory);

// Fills in what the file says. `snapshot` is as libxl_domain_snapshot_init() leaves it. Throws
// std::bad_alloc.
void fill_in(libxl_domain_snapshot &snapshot, const SnapshotFile &file,
             const std::string &directory);

} // namespace xlsnap::cli
