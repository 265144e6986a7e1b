// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <memory>

#include "api/composition.hpp"
#include "base/result.hpp"
#include "engine/catalogued_snapshots.hpp"
#include "libxl_snapshot.h"

namespace xlsnap::api {

// What a function of the catalog works with: the real adapters, and the domain that it was given.
struct DomainCall {
    std::unique_ptr<Composition> composition;
    Subject subject;
};

// Invalid for a context or a domain that is none; DomainNotFound as DomainFinder::resolve has it.
[[nodiscard]] Result<DomainCall> open_call(libxl_ctx *ctx, const libxl_snapshot_domain *domain);

[[nodiscard]] Result<Subject> subject_of(Composition &composition,
                                         const libxl_snapshot_domain *domain);

} // namespace xlsnap::api
