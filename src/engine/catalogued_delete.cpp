// SPDX-License-Identifier: LGPL-2.1-only
#include "engine/catalogued_delete.hpp"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/domain_images.hpp"
#include "core/layer_outline.hpp"
#include "core/layer_records.hpp"
#include "core/snapshot_tree.hpp"
#include "engine/catalog_records.hpp"

namespace xlsnap {

namespace {

constexpr const char *kHalfTidied = "the snapshots are deleted, but their images not all tidied";
constexpr const char *kHalfLetGo =
    "the record is deleted; its images hold what they held, and the next deletion or revert sees "
    "whether others stand on them";

std::string data_of(const SnapshotRecord &record) {
    std::vector<std::string> parts;
    if (record.memory)
        parts.push_back(fmt::format("its memory image {}", record.memory->path));
    for (const DiskRecord &disk : record.disks)
        if (disk.kind == DiskSnapshotKind::Internal)
            parts.push_back(
                fmt::format("the tag {} in disk {} ({})", disk.tag, disk.vdev, disk.path));
        else if (disk.kind == DiskSnapshotKind::External)
            parts.push_back(fmt::format("what {} holds of disk {}", disk.path, disk.vdev));
    return parts.empty() ? std::string() : fmt::format(", with {}", fmt::join(parts, ", "));
}

std::string name_of(const SnapshotTree &tree, std::string_view id) {
    const SnapshotRecord *record = tree.find_id(id);
    return record == nullptr ? std::string("none") : fmt::format("'{}'", record->name);
}

PlanLines lines_of(const DomainCatalog &known, const SnapshotDeletion &deletion,
                   bool metadata_only) {
    const SnapshotTree tree(known.snapshots);
    PlanLines lines;
    for (const std::string &id : deletion.ids) {
        const SnapshotRecord &record = *tree.find_id(id);
        lines.push_back(fmt::format("delete snapshot '{}'{}", record.name,
                                    metadata_only ? ": its record alone" : data_of(record)));
    }
    for (const NewParent &moved : deletion.reparented)
        lines.push_back(fmt::format("give {} the parent {}", name_of(tree, moved.id),
                                    name_of(tree, moved.parent_id)));
    if (deletion.current_id != known.domain.current_id)
        lines.push_back(
            fmt::format("current snapshot afterwards: {}", name_of(tree, deletion.current_id)));
    return lines;
}

// A tag goes with its snapshot, which is told; and nobody asked about an image that is not listed.
bool is_told_otherwise(const LayerStep &step, const DomainRecord &domain) {
    if (const auto *tag = std::get_if<layer_step::RemoveTag>(&step)) {
        const DomainImage *image = find_image(domain, tag->path);
        return image == nullptr || std::ranges::count(image->dead_tags, tag->tag) == 0;
    }
    const auto *removal = std::get_if<layer_step::RemoveImage>(&step);
    return removal != nullptr && find_image(domain, removal->path) == nullptr;
}

// That which a discard is about goes last.
const SnapshotRecord &named_in(const DomainCatalog &known, const SnapshotDeletion &deletion) {
    return *std::ranges::find(known.snapshots, deletion.ids.back(), &SnapshotRecord::id);
}

bool is_broken(const DomainCatalog &known, const std::string &name) {
    return std::ranges::count(known.broken, name, &BrokenRecord::name) != 0;
}

// Of a broken record: no readable one is.
bool may_be_current(const DomainCatalog &known) {
    return !known.domain_fault ||
           (!known.domain.current_id.empty() &&
            std::ranges::count(known.snapshots, known.domain.current_id, &SnapshotRecord::id) == 0);
}

// What the catalog would have without these snapshots. Their tags are there as yet, and mean
// nothing any more.
DomainCatalog without(const DomainCatalog &known, const SnapshotDeletion &deletion) {
    DomainCatalog left = known;
    std::erase_if(left.snapshots, [&](const SnapshotRecord &record) {
        return std::ranges::count(deletion.ids, record.id) != 0;
    });
    for (const SnapshotRecord &record : known.snapshots) {
        if (std::ranges::count(deletion.ids, record.id) == 0)
            continue;
        for (const DiskRecord &disk : record.disks)
            if (disk.kind == DiskSnapshotKind::Internal)
                add_dead_tag(disk.path, disk.format, disk.mark, disk.tag, left.domain);
    }
    return left;
}

} // namespace

Result<PlanLines> CataloguedDelete::remove(const Subject &subject, const std::string &name,
                                           const DeletionWish &wish, bool dry_run) {
    XLSNAP_ASSIGN(const DomainCatalog before, catalog_.read(subject.key));
    if (wish.metadata_only && is_broken(before, name))
        return remove_broken(subject, name, wish, dry_run);
    XLSNAP_ASSIGN(OpenedCatalog opened, catalogs_.open(subject, name, dry_run));
    XLSNAP_TRY(find_record(opened.known, name));
    XLSNAP_ASSIGN(const SnapshotDeletion deletion,
                  plan_deletion(opened.known.snapshots, opened.known.domain, name, wish));
    XLSNAP_ASSIGN(PlanLines lines, check(opened, deletion, wish));
    if (dry_run)
        return lines;
    if (wish.discard)
        XLSNAP_TRY(take_back(opened, deletion));
    Status gone = carry_out(opened, deletion, wish.metadata_only);
    if (!gone && wish.discard)
        return fail(with_context("the changes are dropped; delete again without that (--discard)",
                                 std::move(gone.error())));
    XLSNAP_TRY(std::move(gone));
    Status tidied = wish.metadata_only
                        ? tidying_.let_go(opened.subject, opened.known)
                        : tidying_.tidy(opened.subject, opened.known, TidyDepth::Merges);
    XLSNAP_TRY(catalogs_.forget_if_empty(subject.key));
    XLSNAP_TRY(std::move(tidied).with_context(wish.metadata_only ? kHalfLetGo : kHalfTidied));
    return PlanLines{};
}

// Which images it means nobody can tell: all those are pinned that may be.
Result<PlanLines> CataloguedDelete::remove_broken(const Subject &subject, const std::string &name,
                                                  const DeletionWish &wish, bool dry_run) {
    const std::string &key = subject.key;
    std::unique_ptr<CatalogLock> lock;
    if (!dry_run) {
        XLSNAP_ASSIGN(lock, catalog_.lock(key));
    }
    XLSNAP_ASSIGN(DomainCatalog known, catalog_.read(key));
    if (!is_broken(known, name))
        return fail(ErrorCode::NotReady,
                    fmt::format("another process has just changed the record of snapshot '{}'; "
                                "look at it (xlsnap list) and try again",
                                name));
    if (wish.keep_current && may_be_current(known))
        return fail(ErrorCode::Invalid,
                    fmt::format("snapshot '{}' may be the current one, which is to stay; its "
                                "record is broken (xlsnap rebuild)",
                                name));
    if (dry_run)
        return PlanLines{fmt::format("delete the broken record of snapshot '{}' alone", name)};
    XLSNAP_TRY(removal_.let_go_unrecorded(known));
    XLSNAP_TRY(catalog_.remove(key, name));
    std::erase_if(known.broken, [&](const BrokenRecord &one) { return one.name == name; });
    Status let_go = known.domain_fault ? tidying_.let_go(subject, known) : Status();
    XLSNAP_TRY(catalogs_.forget_if_empty(key));
    XLSNAP_TRY(std::move(let_go).with_context(kHalfLetGo));
    return PlanLines{};
}

// Everything that refuses it, or what it does. What a discard leaves to be merged nobody knows
// before the disks are back: no more than was written since, which is next to nothing.
Result<PlanLines> CataloguedDelete::check(const OpenedCatalog &opened,
                                          const SnapshotDeletion &deletion,
                                          const DeletionWish &wish) {
    PlanLines lines = lines_of(opened.known, deletion, wish.metadata_only);
    if (wish.metadata_only)
        return lines;
    XLSNAP_TRY(check_data_removal(opened, deletion));
    if (wish.discard) {
        XLSNAP_ASSIGN(PlanLines back,
                      revert_.revert_disks(opened, named_in(opened.known, deletion), true));
        back.insert(back.end(), lines.begin(), lines.end());
        return back;
    }
    XLSNAP_ASSIGN(const PlanLines tidying, check_tidying(opened, deletion));
    lines.insert(lines.end(), tidying.begin(), tidying.end());
    return lines;
}

// A crash before the deletion leaves the domain at the snapshot, which can be deleted as it is.
Status CataloguedDelete::take_back(OpenedCatalog &opened, const SnapshotDeletion &deletion) {
    const SnapshotRecord record = named_in(opened.known, deletion);
    const auto back = revert_.revert_disks(opened, record, false);
    XLSNAP_ASSIGN(opened.known, catalog_.read(opened.subject.key));
    if (!back)
        return fail(
            with_context(fmt::format("snapshot '{}' is not deleted", record.name), back.error()));
    return {};
}

// Everything that refuses the removal of any of them, before the first is touched.
Status CataloguedDelete::check_data_removal(const OpenedCatalog &opened,
                                            const SnapshotDeletion &deletion) {
    const SnapshotTree tree(opened.known.snapshots);
    Refusals refusals;
    for (const std::string &id : deletion.ids) {
        const SnapshotRecord &record = *tree.find_id(id);
        refusals.add(removal_.check(opened.subject, opened.known.domain, record),
                     fmt::format("snapshot '{}'", record.name));
    }
    return refusals.status();
}

// What becomes of the images that no snapshot needs then, in words.
Result<PlanLines> CataloguedDelete::check_tidying(const OpenedCatalog &opened,
                                                  const SnapshotDeletion &deletion) {
    if (!LayerTidying::concerns(opened.known))
        return PlanLines{};
    const DomainCatalog left = without(opened.known, deletion);
    XLSNAP_ASSIGN(Tidying tidying, tidying_.plan(opened.subject, left, TidyDepth::Merges));
    XLSNAP_TRY(tidying_.check_space(opened.subject, tidying, left));
    PlanLines lines;
    for (const LayerStep &step : tidying.steps)
        if (!is_told_otherwise(step, opened.known.domain))
            lines.push_back(describe(step));
    for (const std::string &sentence : describe_rest(tidying))
        lines.push_back(sentence);
    return lines;
}

// Leaves first, and each one's data before its record: whatever stops it halfway, the catalog lists
// every snapshot that is not wholly gone, and it can be deleted again.
Status CataloguedDelete::carry_out(OpenedCatalog &opened, const SnapshotDeletion &deletion,
                                   bool metadata_only) {
    for (const std::string &id : deletion.ids) {
        const SnapshotRecord record = *SnapshotTree(opened.known.snapshots).find_id(id);
        const std::string who = fmt::format("snapshot '{}'", record.name);
        DomainRecord &domain = opened.known.domain;
        XLSNAP_TRY((metadata_only ? removal_.let_go(domain, record)
                                  : removal_.remove(opened.subject, domain, record))
                       .with_context(who));
        XLSNAP_TRY(remove_record(opened, deletion, record).with_context(who));
    }
    return {};
}

// Before the record goes nothing leads to it any more.
Status CataloguedDelete::remove_record(OpenedCatalog &opened, const SnapshotDeletion &deletion,
                                       const SnapshotRecord &record) {
    std::vector<SnapshotRecord> &snapshots = opened.known.snapshots;
    for (const NewParent &moved : deletion.reparented) {
        const auto child = std::ranges::find(snapshots, moved.id, &SnapshotRecord::id);
        if (child->parent_id != record.id)
            continue;
        SnapshotRecord changed = *child;
        changed.parent_id = moved.parent_id;
        XLSNAP_TRY(catalog_.replace(opened.subject.key, changed));
        *child = std::move(changed);
    }
    DomainRecord domain = opened.known.domain;
    if (domain.current_id == record.id) {
        set_current_snapshot(domain, SnapshotTree(snapshots).find_id(deletion.current_id));
        XLSNAP_TRY(catalog_.write_domain(domain));
        opened.known.domain = std::move(domain);
    }
    XLSNAP_TRY(catalog_.remove(opened.subject.key, record.name));
    std::erase_if(snapshots, [&](const SnapshotRecord &one) { return one.id == record.id; });
    return {};
}

} // namespace xlsnap
