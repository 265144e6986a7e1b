// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>

#include "base/result.hpp"
#include "ports/catalog.hpp"

namespace xlsnap {

// Whether no record but that of the snapshot `id` of the domain `key` has this memory image, be the
// file there or not: of two that had it, each would take it from the other when it is deleted.
// Invalid, naming the other snapshot.
[[nodiscard]] Status check_unclaimed(Catalog &catalog, const std::string &key,
                                     const std::string &id, const std::string &path);

} // namespace xlsnap
