// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>

#include "adapters/store/durable_directory.hpp"
#include "base/result.hpp"
#include "core/snapshot_record.hpp"

namespace xlsnap {

inline constexpr const char *kDomainFile = "domain.xl";

// The domain's record in its directory; one that says nothing but the uuid when there is no such
// file. Invalid when it cannot be used, as that of another domain; NotImplemented for one of a
// newer xlsnap.
Result<DomainRecord> read_domain_file(const DurableDirectory &directory, const std::string &uuid);

} // namespace xlsnap
