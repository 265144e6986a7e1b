// SPDX-License-Identifier: LGPL-2.1-only
#include "api/domain_call.hpp"

#include <utility>

#include "api/border.hpp"
#include "api/wishes.hpp"

namespace xlsnap::api {

Result<Subject> subject_of(Composition &composition, const libxl_snapshot_domain *domain) {
    XLSNAP_ASSIGN(DomainReference reference, reference_of(domain));
    XLSNAP_ASSIGN(FoundDomain found, composition.finder().resolve(reference));
    return Subject{found.domid, std::move(found.match.uuid), std::move(reference.config_json)};
}

Result<DomainCall> open_call(libxl_ctx *ctx, const libxl_snapshot_domain *domain) {
    XLSNAP_TRY(check_context(ctx));
    auto composition = std::make_unique<Composition>(ctx);
    XLSNAP_ASSIGN(Subject subject, subject_of(*composition, domain));
    return DomainCall{std::move(composition), std::move(subject)};
}

} // namespace xlsnap::api
