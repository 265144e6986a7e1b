// SPDX-License-Identifier: LGPL-2.1-only
#include "cli/selected_snapshot.hpp"

#include <stdexcept>

#include "cli/outcome.hpp"

namespace xlsnap::cli {

DomainSnapshot named_or_current(const Session &session, const libxl_snapshot_domain &domain,
                                const std::string &name) {
    if (!name.empty())
        return get_snapshot(session.xen(), domain, name);
    if (auto current = current_snapshot(session.xen(), domain))
        return std::move(*current);
    throw std::runtime_error(called(domain) + " has no current snapshot; name one");
}

std::string name_or_current(const Session &session, const libxl_snapshot_domain &domain,
                            const std::string &name) {
    return name.empty() ? named_or_current(session, domain, name)->name : name;
}

} // namespace xlsnap::cli
