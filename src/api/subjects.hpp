// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>

#include <fmt/format.h>

#include "api/composition.hpp"
#include "base/result.hpp"
#include "engine/catalogued_snapshots.hpp"
#include "engine/domain_finder.hpp"
#include "libxl_snapshot.h"

namespace xlsnap::api {

[[nodiscard]] Status check_flags(unsigned flags, unsigned known);

template <typename Type> [[nodiscard]] Status check_place(const Type *place, const char *what) {
    if (place != nullptr)
        return {};
    return fail(ErrorCode::Invalid, fmt::format("{} is NULL; pass the place for the answer", what));
}

// The domain's key in the catalog.
[[nodiscard]] Result<std::string> key_of(Composition &composition,
                                         const libxl_snapshot_domain *domain);

[[nodiscard]] Result<Subject> subject_of(Composition &composition,
                                         const libxl_snapshot_domain *domain);

} // namespace xlsnap::api
