// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include "base/result.hpp"
#include "core/snapshot_xml.hpp"
#include "engine/catalog_records.hpp"
#include "engine/catalogued_snapshots.hpp"
#include "engine/domain_finder.hpp"
#include "libxl_snapshot.h"

namespace xlsnap::api {

// Between the engine's values and the C types of the catalog. What C callers hand in is not
// trusted; what is filled in for them comes from malloc. Each fill_in() writes the whole structure
// or, out of memory, nothing.

void fill_in(libxl_domain_snapshot &out, const SnapshotView &view);
void fill_in(libxl_domain_snapshot &out, const BrokenRecord &broken);
void fill_in(libxl_snapshot_domain &out, const FoundDomain &found);
// What libxl_snapshot_create() reads.
void fill_in(libxl_domain_snapshot &out, const SnapshotXml &xml);

// *list is from malloc, NULL when there is none.
void fill_in(libxl_domain_snapshot **list, int *count, const SnapshotListing &listing);
void fill_in(libxl_snapshot_domain **list, int *count, const std::vector<FoundDomain> &domains);

[[nodiscard]] char *to_malloc(const std::string &text);

[[nodiscard]] Result<DomainReference> reference_of(const libxl_snapshot_domain *domain);

// What libxl_snapshot_create() reads of its argument.
[[nodiscard]] Result<CreateWish> create_wish_of(const libxl_domain_snapshot *snapshot,
                                                unsigned flags);

// A text that must be there, such as a name.
[[nodiscard]] Result<std::string> text_in(const char *text, const char *what);

[[nodiscard]] Result<SnapshotFilter> filter_of(unsigned flags);

} // namespace xlsnap::api
