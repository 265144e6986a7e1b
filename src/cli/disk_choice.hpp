// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>
#include <string_view>

#include "libxl_snapshot.h"

namespace xlsnap::cli {

// What becomes of one disk: VDEV[=internal|external|none][,path=OVERLAY][,format=FORMAT].
struct DiskChoice {
    std::string vdev;
    libxl_disk_snapshot_kind kind = LIBXL_DISK_SNAPSHOT_KIND_DEFAULT;
    std::string path;   // of the overlay; absolute, empty when not said
    std::string format; // of the overlay; empty when not said

    bool operator==(const DiskChoice &) const = default;
};

// A comma inside a path is doubled. A path or a format alone implies an external disk snapshot.
// Throws std::runtime_error that says what is allowed.
[[nodiscard]] DiskChoice parse_disk_choice(std::string_view argument);

} // namespace xlsnap::cli
