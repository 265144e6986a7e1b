// SPDX-License-Identifier: LGPL-2.1-only
#include "core/snapshot_deletion.hpp"

#include <algorithm>
#include <unordered_set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/refusals.hpp"
#include "core/snapshot_tree.hpp"

namespace xlsnap {

namespace {

using Ids = std::unordered_set<std::string_view>;

Status check_wish(const DeletionWish &wish) {
    Refusals refusals;
    if (wish.children && wish.children_only)
        refusals.add(ErrorCode::Invalid, "a snapshot is deleted with its children or these without "
                                         "it, not both; ask for one of them");
    if (wish.merge && wish.discard)
        refusals.add(ErrorCode::Invalid, "the changes since a snapshot are kept or dropped, not "
                                         "both; ask for one of them");
    if (wish.discard && wish.children_only)
        refusals.add(ErrorCode::Invalid, "the changes since a snapshot are dropped together with "
                                         "it; to keep it, revert to it and delete its children");
    if (wish.discard && wish.metadata_only)
        refusals.add(ErrorCode::Invalid, "the record alone has no changes that could be dropped; "
                                         "ask for one of them");
    return refusals.status();
}

// The changes since a snapshot are the domain's present state, and the snapshots between.
Status check_discardable(const SnapshotTree &tree, const SnapshotRecord &named,
                         const DomainRecord &domain, const DeletionWish &wish) {
    const SnapshotRecord *from = tree.find_id(domain.current_id);
    while (from != nullptr && from != &named)
        from = tree.parent(*from);
    if (from == nullptr)
        return fail(ErrorCode::Invalid,
                    fmt::format("the domain's present state does not come from snapshot '{}', so "
                                "there is nothing to drop; delete it without that (with its "
                                "children, to drop what they hold)",
                                named.name));
    std::vector<std::string> lost;
    for (const SnapshotRecord *record : tree.descendants(named))
        lost.push_back(fmt::format("'{}'", record->name));
    if (lost.empty() || wish.children || wish.force)
        return {};
    return fail(ErrorCode::Invalid,
                fmt::format("with the changes since snapshot '{}' those that were made since would "
                            "be lost: {}; delete them first, or with it (--children), or force it",
                            named.name, fmt::join(lost, ", ")));
}

SnapshotList leaves_first(const SnapshotTree &tree, const SnapshotRecord &named,
                          const DeletionWish &wish) {
    SnapshotList gone;
    if (wish.children || wish.children_only || wish.discard)
        gone = tree.descendants(named);
    std::ranges::reverse(gone);
    if (!wish.children_only)
        gone.push_back(&named);
    return gone;
}

Status check_deletable(const SnapshotTree &tree, const SnapshotList &gone,
                       const DomainRecord &domain, const DeletionWish &wish) {
    Refusals refusals;
    for (const SnapshotRecord *record : gone) {
        const std::string who = fmt::format("snapshot '{}'", record->name);
        if (tree.find_id(record->id) != record)
            refusals.add(fail(ErrorCode::Invalid,
                              "its id is that of another snapshot, so their data cannot be told "
                              "apart; remove one of the two records (xlsnap-catalog(5))"),
                         who);
        if (record->is_protected && !wish.force)
            refusals.add(fail(ErrorCode::Invalid,
                              "protected; take the protection away (xlsnap protect), or force it"),
                         who);
        if (wish.keep_current && record->id == domain.current_id)
            refusals.add(fail(ErrorCode::Invalid,
                              "it is the current snapshot, which is to stay; make another one "
                              "current (xlsnap current), or delete it without that condition"),
                         who);
    }
    return refusals.status();
}

// The id of the nearest ancestor that stays; empty when there is none.
std::string ancestor_that_stays(const SnapshotTree &tree, const SnapshotRecord &record,
                                const Ids &gone) {
    const SnapshotRecord *ancestor = tree.parent(record);
    while (ancestor != nullptr && gone.contains(ancestor->id))
        ancestor = tree.parent(*ancestor);
    return ancestor == nullptr ? std::string() : ancestor->id;
}

} // namespace

Result<SnapshotDeletion> plan_deletion(const std::vector<SnapshotRecord> &records,
                                       const DomainRecord &domain, std::string_view name,
                                       const DeletionWish &wish) {
    XLSNAP_TRY(check_wish(wish));
    const SnapshotTree tree(records);
    const SnapshotRecord *named = tree.find_name(name);
    if (named == nullptr)
        return fail(
            ErrorCode::NotFound,
            fmt::format("there is no snapshot '{}'; xlsnap list shows those there are", name));
    if (wish.discard)
        XLSNAP_TRY(check_discardable(tree, *named, domain, wish));
    const SnapshotList gone = leaves_first(tree, *named, wish);
    XLSNAP_TRY(check_deletable(tree, gone, domain, wish));

    SnapshotDeletion deletion;
    Ids ids;
    for (const SnapshotRecord *record : gone) {
        deletion.ids.push_back(record->id);
        ids.insert(record->id);
    }
    for (const SnapshotRecord &record : records)
        if (!ids.contains(record.id) && ids.contains(record.parent_id))
            deletion.reparented.push_back({record.id, ancestor_that_stays(tree, record, ids)});
    deletion.current_id = domain.current_id;
    if (ids.contains(domain.current_id))
        deletion.current_id = ancestor_that_stays(tree, *tree.find_id(domain.current_id), ids);
    return deletion;
}

} // namespace xlsnap
