// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>

#include "base/durable_directory.hpp"
#include "base/result.hpp"
#include "core/snapshot_record.hpp"
#include "ports/log.hpp"

namespace xlsnap {

inline constexpr const char *kDomainFile = "domain.xl";

// The domain's record in its directory; one that says nothing but the uuid when there is no such
// file. Invalid when it cannot be used, as that of another domain; NotImplemented for one of a
// newer xlsnap.
Result<DomainRecord> read_domain_file(const DurableDirectory &directory, const std::string &uuid);

[[nodiscard]] Status write_domain_file(const DurableDirectory &directory,
                                       const DomainRecord &domain);

// Writes the domain's record again when the snapshot that it knows as the current one has another
// name now. Without it the current snapshot is only found more slowly: a failure is told to the
// log.
void follow_rename(const DurableDirectory &directory, const std::string &uuid,
                   const std::string &from, const std::string &to, Log &log);

} // namespace xlsnap
