// SPDX-License-Identifier: LGPL-2.1-only
#include "engine/memory_files.hpp"

#include <vector>

#include <fmt/format.h>

namespace xlsnap {

Status check_unclaimed(Catalog &catalog, const std::string &key, const std::string &id,
                       const std::string &path) {
    XLSNAP_ASSIGN(const std::vector<DomainRecord> domains, catalog.domains());
    for (const DomainRecord &domain : domains) {
        const Result<DomainCatalog> known = catalog.read(domain.uuid);
        if (!known && domain.uuid == key)
            return fail(known.error());
        if (!known)
            continue; // what cannot be read hides no other domain's records
        for (const SnapshotRecord &other : known->snapshots) {
            const bool is_itself = domain.uuid == key && other.id == id;
            if (!is_itself && other.memory && other.memory->path == path)
                return fail(ErrorCode::Invalid,
                            fmt::format("{} is the memory image of snapshot '{}' of domain {}; "
                                        "name another file",
                                        path, other.name, other.domain_name));
        }
    }
    return {};
}

} // namespace xlsnap
