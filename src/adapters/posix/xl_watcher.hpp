// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <optional>
#include <string>

#include "base/result.hpp"
#include "core/domain.hpp"

namespace xlsnap {

// The pid of xl's process that watches the domain, if there is one: a process xl whose standard
// output is a log xl-*.log, in which it says of which domain it waits the end. A domain may have
// been renamed since, or migrated from another host under a passing name, and the log may have been
// rotated away or deleted: the domid in the log decides. Only where the log has no such line, as
// after a truncation, its name does. `xl create -F`, whose output is its caller's, is not seen.
Result<std::optional<int>> find_xl_watcher(const std::string &proc_root, DomainId domid,
                                           const std::string &name);

} // namespace xlsnap
