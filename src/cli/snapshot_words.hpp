// SPDX-License-Identifier: LGPL-2.1-only
//
// What people read of a snapshot.
#pragma once

#include <string>

#include "libxl_snapshot.h"

namespace xlsnap::cli {

[[nodiscard]] std::string text_or(const char *text, const char *otherwise);

// "*" for the current snapshot, "p" for a protected one.
[[nodiscard]] std::string marks_of(const libxl_domain_snapshot &snapshot);

// What the domain was doing.
[[nodiscard]] std::string state_of(const libxl_domain_snapshot &snapshot);

// "memory and disks", "disks", "disks, crash-consistent".
[[nodiscard]] std::string holds(const libxl_domain_snapshot &snapshot);

// The size of the memory image, "-" without one.
[[nodiscard]] std::string memory_size_of(const libxl_domain_snapshot &snapshot);

// The disks that are in it: "xvda xvdb".
[[nodiscard]] std::string vdevs_of(const libxl_domain_snapshot &snapshot);

// What a line of the tree says behind the name.
[[nodiscard]] std::string note_of(const libxl_domain_snapshot &snapshot);

} // namespace xlsnap::cli
