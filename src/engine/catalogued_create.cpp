// SPDX-License-Identifier: LGPL-2.1-only
#include "engine/catalogued_create.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/guarded.hpp"
#include "core/domain_images.hpp"
#include "core/memory_file.hpp"
#include "core/plan_outline.hpp"
#include "core/record_request.hpp"
#include "core/snapshot_description.hpp"
#include "core/snapshot_name.hpp"
#include "core/standstill.hpp"
#include "engine/memory_files.hpp"
#include "engine/new_name.hpp"
#include "engine/snapshot_data.hpp"

namespace xlsnap {

namespace {

SnapshotState state_of(const Subject &subject, const Domain &domain) {
    if (!subject.domid)
        return SnapshotState::Inactive;
    switch (domain.state) {
    case RunState::Running:
        return domain.blocked ? SnapshotState::Blocked : SnapshotState::Running;
    case RunState::Paused:
        return SnapshotState::Paused;
    case RunState::Suspended:
    case RunState::Shutdown:
        return SnapshotState::Shutdown;
    case RunState::Dying:
        break;
    }
    return SnapshotState::Dying;
}

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
      catalogs_(ports, catalog), tidying_(ports, catalog, circumstances_.wait), withdrawal_(ports),
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
    CreatedSnapshot created;
    SnapshotRecord &record = created.record;
    XLSNAP_ASSIGN(record, draft(domain, known, subject, wish));
    created.parent = known.record ? known.record->name : std::string();
    XLSNAP_ASSIGN(
        const SnapshotChoice choice,
        choose(domain, subject, wish, record).with_context(fmt::format("domain {}", domain.name)));
    if (choice.memory) {
        XLSNAP_ASSIGN(record.memory, draft_memory(subject.key, record.id, wish));
    }
    record.live = wish.live && choice.memory;
    record.crash_consistent = subject.domid && !choice.memory;
    record.disks = disk_records(domain, choice.disks);
    SnapshotRequest request = create_request(record, choice.disks);
    request.twins = domain.type == GuestType::Hvm;
    const bool leaves_paused = wish.left_paused && subject.domid;
    if (wish.dry_run) {
        // Nobody has the lock that makes the catalog's.
        request.directory_is_made = wish.memory_path.empty();
        XLSNAP_ASSIGN(const Plan plan, subject.domid ? service_.plan_create(*subject.domid, request)
                                                     : inactive_.plan_create(request));
        created.plan = lines_of(plan, record, leaves_paused);
        if (subject.domid)
            add_standstill(domain, record, created.plan);
        return created;
    }
    mark_disks(record, false);
    XLSNAP_TRY(make(subject, request));
    // Nobody writes to it from now on.
    mark_disks(record, true);
    const Domain now = with_overlays(domain, record);
    if (Status kept = keep(subject.key, with_images(known.domain, record), record, now); !kept) {
        Error error = with_context("the snapshot was made, but its record was not, so it is undone",
                                   std::move(kept.error()));
        Status undone = unmake(subject, now, record, request);
        // Else a domain that does not run would be started on overlays that are gone.
        if (undone && has_external(record))
            undone = catalogs_.write(known.domain, domain);
        if (!undone)
            error.message += fmt::format("; NOT UNDONE: {}", undone.error().message);
        return fail(std::move(error));
    }
    Refusals left;
    if (has_external(record))
        left.add(protect(subject));
    if (leaves_paused)
        left.add(ports_.toolstack.pause(*subject.domid));
    created.closing =
        left.status().with_context(fmt::format("snapshot '{}' is made, but", record.name));
    return created;
}

Result<SnapshotRecord> CataloguedCreate::draft(const Domain &domain, const CurrentSnapshot &known,
                                               const Subject &subject, const CreateWish &wish) {
    SnapshotRecord record;
    record.id = circumstances_.id();
    record.creation_time = circumstances_.now();
    XLSNAP_ASSIGN(record.name, choose_new_name(catalog_, subject.key, wish.name, known.record,
                                               record.creation_time));
    XLSNAP_TRY(check_description(wish.description));
    record.description = wish.description;
    // A current snapshot whose record is gone is nobody's parent.
    record.parent_id = known.record ? known.record->id : std::string();
    record.state = state_of(subject, domain);
    record.domain_uuid = domain.uuid;
    record.domain_name = domain.name;
    record.config_json = domain.config_json;
    record.program_version = circumstances_.program_version;
    return record;
}

Result<MemoryRecord> CataloguedCreate::draft_memory(const std::string &key, const std::string &id,
                                                    const CreateWish &wish) {
    MemoryRecord memory{catalog_.memory_path(key, id), 0, {}, wish.compression};
    if (wish.memory_path.empty())
        return memory;
    XLSNAP_TRY(check_chosen_file(wish.memory_path, memory.path));
    XLSNAP_TRY(check_unclaimed(catalog_, key, id, wish.memory_path));
    memory.path = wish.memory_path;
    return memory;
}

// Overlays of block devices lie where the memory image would.
Result<SnapshotChoice> CataloguedCreate::choose(const Domain &domain, const Subject &subject,
                                                const CreateWish &wish,
                                                const SnapshotRecord &draft) {
    const std::string memory_path = catalog_.memory_path(subject.key, draft.id);
    const std::string of_domain = memory_path.substr(0, memory_path.rfind('/'));
    return choose_snapshot(
        domain,
        {.online = subject.domid.has_value(),
         .memory = wish.memory_path.empty() ? wish.memory : MemoryWish::Image,
         .disk_only = wish.disk_only,
         .live = wish.live,
         .slow_tags = subject.domid && time_for_tags(tagged_images(domain)) > kLongestUnasked,
         .disks = wish.disks,
         .name = draft.name,
         .tag = snapshot_tag(draft.id),
         .overlays = {wish.overlay_directory, of_domain}});
}

// The images that could hold tags. Of one that nobody can look at others tell why.
std::vector<ChainLayer> CataloguedCreate::tagged_images(const Domain &domain) {
    std::vector<ChainLayer> images;
    for (const Disk &disk : domain.disks) {
        if (!is_changeable(disk) || !holds_tags(disk.format))
            continue;
        if (auto chain = ports_.image_chains.chain(disk.path, disk.format))
            images.push_back(std::move(chain->front()));
    }
    return images;
}

void CataloguedCreate::add_standstill(const Domain &domain, const SnapshotRecord &record,
                                      PlanLines &lines) {
    std::vector<ChainLayer> tagged = tagged_images(domain);
    std::erase_if(tagged, [&](const ChainLayer &image) {
        return std::ranges::none_of(record.disks, [&](const DiskRecord &disk) {
            return disk.kind == DiskSnapshotKind::Internal && disk.path == image.path;
        });
    });
    std::chrono::milliseconds time = kTimeForDisks + time_for_tags(tagged);
    if (record.memory)
        time += time_for_memory(domain.memory_bytes, record.live);
    lines.push_back(fmt::format("(the guest is expected to stand still for {})", about(time)));
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
