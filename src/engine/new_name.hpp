// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "core/snapshot_record.hpp"
#include "ports/catalog.hpp"

namespace xlsnap {

// The name of a new snapshot of the domain with this key: the one that is wished for, or when that
// is empty a number (core/snapshot_name.hpp). It is free; a broken record takes its name too.
Result<std::string> choose_new_name(Catalog &catalog, const std::string &key,
                                    const std::string &wish,
                                    const std::optional<SnapshotRecord> &current,
                                    std::uint64_t now);

} // namespace xlsnap
