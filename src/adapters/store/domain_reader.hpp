// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>

#include "base/durable_directory.hpp"
#include "base/result.hpp"
#include "ports/catalog.hpp"
#include "ports/log.hpp"

namespace xlsnap {

// What Catalog::read() and Catalog::read_current() tell of a domain that has a directory.
Result<DomainCatalog> read_domain(const DurableDirectory &directory, const std::string &uuid,
                                  Log &log);
Result<CurrentSnapshot> read_current_snapshot(const DurableDirectory &directory,
                                              const std::string &uuid, Log &log);

} // namespace xlsnap
