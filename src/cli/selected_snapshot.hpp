// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>

#include "cli/session.hpp"

namespace xlsnap::cli {

// The snapshot of this name, or the current one when the name is empty. Throws std::exception.
[[nodiscard]] DomainSnapshot named_or_current(const Session &session,
                                              const libxl_snapshot_domain &domain,
                                              const std::string &name);

// The name alone.
[[nodiscard]] std::string name_or_current(const Session &session,
                                          const libxl_snapshot_domain &domain,
                                          const std::string &name);

} // namespace xlsnap::cli
