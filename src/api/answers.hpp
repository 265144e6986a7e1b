// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>
#include <vector>

#include "core/snapshot_xml.hpp"
#include "engine/catalog_records.hpp"
#include "engine/domain_finder.hpp"
#include "libxl_snapshot.h"

namespace xlsnap::api {

// From the engine's values to the C types of the catalog. What is filled in comes from malloc. Each
// fill_in() writes the whole structure or, out of memory, nothing.

void fill_in(libxl_domain_snapshot &out, const SnapshotView &view);
void fill_in(libxl_domain_snapshot &out, const BrokenRecord &broken);
void fill_in(libxl_snapshot_domain &out, const FoundDomain &found);
// What libxl_snapshot_create() reads.
void fill_in(libxl_domain_snapshot &out, const SnapshotXml &xml);

// *list is from malloc, NULL when there is none.
void fill_in(libxl_domain_snapshot **list, int *count, SnapshotListing listing);
void fill_in(libxl_snapshot_domain **list, int *count, const std::vector<FoundDomain> &domains);

void fill_in(libxl_domain_snapshot_disk **list, int *count, const std::vector<DiskRecord> &disks);

[[nodiscard]] char *to_malloc(const std::string &text);

} // namespace xlsnap::api
