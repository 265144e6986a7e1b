// SPDX-License-Identifier: LGPL-2.1-only
#include "api/subjects.hpp"

#include <utility>

#include "api/records.hpp"

namespace xlsnap::api {

namespace {

Result<FoundDomain> resolve(Composition &composition, const libxl_snapshot_domain *domain) {
    XLSNAP_ASSIGN(const DomainReference reference, reference_of(domain));
    return composition.finder().resolve(reference);
}

} // namespace

Status check_flags(unsigned flags, unsigned known) {
    if ((flags & ~known) == 0)
        return {};
    return fail(ErrorCode::Invalid,
                fmt::format("the flags {:#x} mean nothing to this function; leave out {:#x}", flags,
                            flags & ~known));
}

Result<std::string> key_of(Composition &composition, const libxl_snapshot_domain *domain) {
    XLSNAP_ASSIGN(FoundDomain found, resolve(composition, domain));
    return std::move(found.match.uuid);
}

Result<Subject> subject_of(Composition &composition, const libxl_snapshot_domain *domain) {
    XLSNAP_ASSIGN(FoundDomain found, resolve(composition, domain));
    return Subject{found.domid, std::move(found.match.uuid),
                   domain->config == nullptr ? std::string() : domain->config};
}

} // namespace xlsnap::api
