// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "core/snapshot_record.hpp"

namespace xlsnap {

// What the caller said (LIBXL_SNAPSHOT_DELETE_*, LIBXL_SNAPSHOT_FORCE).
struct DeletionWish {
    bool children = false;      // the snapshot and all that descend from it
    bool children_only = false; // these alone
    bool metadata_only = false; // nothing but the records: who executes the deletion reads it
    bool merge = false;         // keep the changes since, which is what happens anyway
    bool discard = false;       // drop them: the domain's disks go back, too
    bool force = false;         // protected ones too, and those that a discard would lose
    bool keep_current = false;  // refuse when the current one would go
};

struct NewParent {
    std::string id;
    std::string parent_id; // empty: a root from now on

    friend bool operator==(const NewParent &, const NewParent &) = default;
};

// In the order in which it is done: first the new parents, then the current snapshot, then the
// deletions; so whatever stops halfway, no record names a parent that is gone.
struct SnapshotDeletion {
    std::vector<std::string> ids; // no snapshot after its parent
    std::vector<NewParent> reparented;
    std::string current_id; // afterwards; empty: none
};

// What goes when the snapshot `name` is deleted. Children that stay go to their nearest ancestor
// that stays, and so does being current. With `discard` all go that descend from it. NotFound:
// there is no such snapshot. Invalid, with all reasons: flags that exclude each other, protected
// snapshots, the current one with keep_current, two snapshots with one id, whose data cannot be
// told apart; a discard of a snapshot that the present state does not come from, or of one from
// which others come that nobody has said may go.
[[nodiscard]] Result<SnapshotDeletion> plan_deletion(const std::vector<SnapshotRecord> &records,
                                                     const DomainRecord &domain,
                                                     std::string_view name,
                                                     const DeletionWish &wish);

} // namespace xlsnap
