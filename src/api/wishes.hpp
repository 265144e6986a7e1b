// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "core/snapshot_choice.hpp"
#include "core/snapshot_deletion.hpp"
#include "core/snapshot_tree.hpp"
#include "engine/catalogued_snapshots.hpp"
#include "engine/domain_finder.hpp"
#include "libxl_snapshot.h"

namespace xlsnap::api {

// From the C arguments of the catalog's functions, of which nothing is trusted, to what the engine
// is asked for. What stands in the way is Invalid, or NotImplemented where the header says so.

[[nodiscard]] inline bool is_set(unsigned flags, unsigned flag) {
    return (flags & flag) != 0;
}

[[nodiscard]] Status check_flags(unsigned flags, unsigned known);

// A text that must be there, such as a name.
[[nodiscard]] Result<std::string> text_in(const char *text, const char *what);
[[nodiscard]] Result<std::vector<std::string>> names_in(const char *const *names, int count);

[[nodiscard]] Result<DomainReference> reference_of(const libxl_snapshot_domain *domain);

// Each of these knows the flags of its function.
[[nodiscard]] Result<CreateWish> create_wish_of(const libxl_domain_snapshot *snapshot,
                                                unsigned flags);
[[nodiscard]] Result<RevertWish> revert_wish_of(unsigned flags);
[[nodiscard]] Result<RevertWish> start_wish_of(unsigned flags);
[[nodiscard]] Result<DeletionWish> deletion_wish_of(unsigned flags);
[[nodiscard]] Result<SnapshotFilter> filter_of(unsigned flags);

} // namespace xlsnap::api
