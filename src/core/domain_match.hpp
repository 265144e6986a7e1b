// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "core/domain.hpp"
#include "core/snapshot_record.hpp"

namespace xlsnap {

// Which entry of the catalog is a domain's.
struct DomainMatch {
    enum class Found {
        None, // it has no snapshots
        Uuid,
        Name, // and, of a domain that runs, its disks
    };

    Found found = Found::None;
    std::string uuid; // the key in the catalog; the domain's own when nothing was found
    // What the user should know, such as why snapshots of another domain of its name are not its
    // own; empty: nothing.
    std::string note;
};

// A domain that runs. Its uuid is proof, also when it was renamed. Without that, its name is when
// each image that the entry has recorded as active is a disk of the domain: same vdev, same path.
// An entry without recorded images or without a name (an unreadable one) is not found by name.
// Invalid when several fit: nothing is guessed.
[[nodiscard]] Result<DomainMatch> match_running(const Domain &domain,
                                                const std::vector<DomainRecord> &known);

// A domain that does not run: `who` is its uuid, in any case of letters, or its name. NotFound when
// the catalog has none of these, Invalid when it has several of this name.
[[nodiscard]] Result<DomainMatch> match_known(std::string_view who,
                                              const std::vector<DomainRecord> &known);

} // namespace xlsnap
