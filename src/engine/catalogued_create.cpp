// SPDX-License-Identifier: LGPL-2.1-only
#include "engine/catalogued_create.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/guarded.hpp"
#include "core/domain_images.hpp"
#include "core/plan_outline.hpp"
#include "engine/snapshot_data.hpp"

namespace xlsnap {

namespace {

std::vector<DiskTarget> overlays_of(const SnapshotRecord &record) {
    std::vector<DiskTarget> targets;
    for (const DiskRecord &disk : record.disks)
        if (disk.kind == DiskSnapshotKind::External)
            targets.push_back({.vdev = disk.vdev,
                               .path = disk.path,
                               .format = disk.format,
                               .tag = {},
                               .kind = disk.kind,
                               .overlay = disk.overlay,
                               .overlay_format = disk.overlay_format});
    return targets;
}

Domain with_overlays(Domain domain, const SnapshotRecord &record) {
    for (const DiskRecord &disk : record.disks)
        if (disk.kind == DiskSnapshotKind::External)
            set_image(domain, {disk.vdev, disk.overlay, disk.overlay_format});
    return domain;
}

PlanLines lines_of(const Plan &plan, const SnapshotRecord &record, bool leaves_paused) {
    PlanLines lines = outline(plan);
    if (record.memory && record.memory->compression == MemoryCompression::Zstd)
        lines.emplace_back("compress the memory image by zstd, while the domain goes on");
    if (leaves_paused)
        lines.emplace_back("pause the domain");
    lines.push_back(fmt::format("record it as snapshot '{}', the current one", record.name));
    return lines;
}

} // namespace

CataloguedCreate::CataloguedCreate(const Ports &ports, Catalog &catalog,
                                   Circumstances circumstances)
    : ports_(ports), catalog_(catalog), circumstances_(std::move(circumstances)),
      catalogs_(ports, catalog), drafts_(ports, catalog, circumstances_),
      tidying_(ports, catalog, circumstances_.wait), withdrawal_(ports),
      service_(ports, circumstances_.unique), inactive_(ports, circumstances_.unique) {}

Result<CreatedSnapshot> CataloguedCreate::create(const Subject &subject, const CreateWish &wish) {
    XLSNAP_ASSIGN(const OpenedCurrent opened, catalogs_.open_current(subject, wish.dry_run));
    Result<CreatedSnapshot> created = create(opened.subject, opened.known, wish);
    if (!created && !wish.dry_run)
        static_cast<void>(
            catalogs_.forget_if_empty(subject.key)); // what is left is an empty directory
    return created;
}

Result<CreatedSnapshot> CataloguedCreate::create(const Subject &subject,
                                                 const CurrentSnapshot &known,
                                                 const CreateWish &wish) {
    XLSNAP_ASSIGN(const Domain domain, catalogs_.domain_of(subject, known));
    XLSNAP_ASSIGN(const SnapshotDraft draft, drafts_.draft(domain, known, subject, wish));
    CreatedSnapshot created{
        draft.record, known.record ? known.record->name : std::string(), {}, {}};
    if (wish.dry_run) {
        XLSNAP_ASSIGN(created.plan, plan(subject, domain, draft, wish));
        return created;
    }
    SnapshotRecord &record = created.record;
    mark_disks(record, false);
    XLSNAP_TRY(make(subject, draft.request));
    // Nobody writes to it from now on.
    mark_disks(record, true);
    const Domain now = with_overlays(domain, record);
    if (Status kept = keep(subject.key, with_images(known.domain, record), record, now); !kept) {
        Error error = with_context("the snapshot was made, but its record was not, so it is undone",
                                   std::move(kept.error()));
        Status undone = unmake(subject, now, record, draft.request);
        // Else a domain that does not run would be started on overlays that are gone.
        if (undone && has_external(record))
            undone = catalogs_.write(known.domain, domain);
        if (!undone)
            error.message += fmt::format("; NOT UNDONE: {}", undone.error().message);
        return fail(std::move(error));
    }
    created.closing = close(subject, record, wish);
    return created;
}

Result<PlanLines> CataloguedCreate::plan(const Subject &subject, const Domain &domain,
                                         const SnapshotDraft &draft, const CreateWish &wish) {
    SnapshotRequest request = draft.request;
    // Nobody has the lock that makes the catalog's.
    request.directory_is_made = wish.memory_path.empty();
    XLSNAP_ASSIGN(const Plan plan, subject.domid ? service_.plan_create(*subject.domid, request)
                                                 : inactive_.plan_create(request));
    PlanLines lines = lines_of(plan, draft.record, wish.left_paused && subject.domid);
    if (subject.domid)
        lines.push_back(drafts_.standstill(domain, draft.record));
    return lines;
}

Status CataloguedCreate::close(const Subject &subject, const SnapshotRecord &record,
                               const CreateWish &wish) {
    Refusals left;
    if (has_external(record))
        left.add(protect(subject));
    if (wish.left_paused && subject.domid)
        left.add(ports_.toolstack.pause(*subject.domid));
    return left.status().with_context(fmt::format("snapshot '{}' is made, but", record.name));
}

// Before the snapshot: what is written to a disk that it leaves out from now on counts as written
// since. What cannot be learnt stays unknown, and a revert says so.
void CataloguedCreate::mark_disks(SnapshotRecord &record, bool external) {
    for (DiskRecord &disk : record.disks) {
        if ((disk.kind == DiskSnapshotKind::External) != external)
            continue;
        const auto facts = ports_.disk_images.examine(disk.path, disk.format);
        if (!facts)
            continue;
        disk.virtual_bytes = facts->virtual_bytes;
        disk.mark = facts->mark;
    }
}

// What the disks stand on now, and what of it is ours.
DomainRecord CataloguedCreate::with_images(DomainRecord domain, const SnapshotRecord &record) {
    for (const DiskRecord &disk : record.disks) {
        if (disk.kind != DiskSnapshotKind::External)
            continue;
        list_image(domain, {disk.path, disk.format, disk.mark});
        const auto overlay = ports_.disk_images.examine(disk.overlay, disk.overlay_format);
        list_image(domain, {disk.overlay, disk.overlay_format,
                            overlay ? overlay->mark : ImageMark{}, true});
    }
    return domain;
}

Status CataloguedCreate::make(const Subject &subject, const SnapshotRequest &request) {
    return subject.domid ? service_.create(*subject.domid, request) : inactive_.create(request);
}

Status CataloguedCreate::unmake(const Subject &subject, const Domain &now,
                                const SnapshotRecord &record, const SnapshotRequest &request) {
    Refusals left;
    left.add(unmake_overlays(subject, now, record));
    SnapshotRequest rest = request;
    std::erase_if(rest.disks, [](const DiskRequest &disk) { return disk.external; });
    if (rest.memory || !rest.disks.empty())
        left.add(subject.domid ? service_.remove(*subject.domid, rest) : inactive_.remove(rest));
    return left.status();
}

// Nobody has written to those of a domain that does not run.
Status CataloguedCreate::unmake_overlays(const Subject &subject, const Domain &now,
                                         const SnapshotRecord &record) {
    const std::vector<DiskTarget> overlays = overlays_of(record);
    Refusals why;
    std::vector<DiskTarget> left;
    if (subject.domid && !overlays.empty())
        left = withdrawal_.withdraw(now, overlays, why);
    for (const DiskTarget &target : overlays) {
        if (std::ranges::count(left, target.overlay, &DiskTarget::overlay) != 0)
            continue;
        const auto facts = ports_.disk_images.examine(target.overlay, target.overlay_format);
        const auto removed = facts ? ports_.image_chains.remove_image(target.overlay, facts->mark)
                                   : Result<bool>(fail(facts.error()));
        if (!removed)
            why.add(fail(removed.error()), "disk " + target.vdev);
    }
    return why.status();
}

Status CataloguedCreate::protect(const Subject &subject) {
    XLSNAP_ASSIGN(DomainCatalog known, catalog_.read(subject.key));
    return tidying_.protect(subject, known);
}

// The guest goes on meanwhile. Without it the snapshot is as good and takes more room.
void CataloguedCreate::compress(const SnapshotRecord &record) {
    const Status done = guarded([&] { return ports_.memory_store.compress(record.memory->path); });
    if (!done)
        ports_.log.warn(fmt::format("the memory image of snapshot '{}' stays uncompressed, and is "
                                    "good as it is: {}",
                                    record.name, done.error().message));
}

Status CataloguedCreate::keep(const std::string &key, const DomainRecord &before,
                              SnapshotRecord &record, const Domain &domain) {
    if (record.memory) {
        if (record.memory->compression != MemoryCompression::None)
            compress(record);
        XLSNAP_ASSIGN(record.memory, memory_as_it_is(ports_.memory_store, record.memory->path));
    }
    // Before the record: what is ours must not be forgotten.
    if (before.images != DomainRecord().images)
        XLSNAP_TRY(catalogs_.write(before, domain));
    XLSNAP_TRY(catalog_.add(key, record));
    Status current = catalogs_.make_current(before, record, domain);
    if (current)
        return {};
    if (const auto removed = catalog_.remove(key, record.name); !removed)
        current.error().message +=
            fmt::format("; and its record stays: {}", removed.error().message);
    return current;
}

} // namespace xlsnap
