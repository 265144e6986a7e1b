// SPDX-License-Identifier: LGPL-2.1-only
#include "engine/catalogued_create.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "core/plan_outline.hpp"
#include "core/record_request.hpp"
#include "core/snapshot_description.hpp"
#include "core/snapshot_name.hpp"

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

std::vector<std::string_view> taken_names(const DomainCatalog &known) {
    std::vector<std::string_view> taken;
    for (const SnapshotRecord &record : known.snapshots)
        taken.push_back(record.name);
    for (const BrokenRecord &broken : known.broken)
        taken.push_back(broken.name);
    return taken;
}

Result<std::string> choose_name(const std::string &wish, const DomainCatalog &known,
                                std::uint64_t now) {
    const std::vector<std::string_view> taken = taken_names(known);
    if (wish.empty())
        return free_snapshot_name(now, taken);
    XLSNAP_TRY(check_snapshot_name(wish));
    if (std::ranges::count(taken, wish) != 0)
        return fail(ErrorCode::Invalid,
                    fmt::format("there is a snapshot '{}' already; choose another name", wish));
    return wish;
}

// A current snapshot whose record is gone is nobody's parent.
std::string parent_of_next(const DomainCatalog &known) {
    const bool there = std::ranges::any_of(known.snapshots, [&](const SnapshotRecord &record) {
        return record.id == known.domain.current_id;
    });
    return there ? known.domain.current_id : std::string();
}

std::string name_of_parent(const DomainCatalog &known, const SnapshotRecord &record) {
    const auto parent = std::ranges::find(known.snapshots, record.parent_id, &SnapshotRecord::id);
    return parent == known.snapshots.end() ? std::string() : parent->name;
}

PlanLines lines_of(const Plan &plan, const SnapshotRecord &record, bool leaves_paused) {
    PlanLines lines = outline(plan);
    if (leaves_paused)
        lines.emplace_back("pause the domain");
    lines.push_back(fmt::format("record it as snapshot '{}', the current one", record.name));
    return lines;
}

} // namespace

CataloguedCreate::CataloguedCreate(const Ports &ports, Catalog &catalog,
                                   Circumstances circumstances)
    : ports_(ports), catalog_(catalog), circumstances_(std::move(circumstances)),
      catalogs_(ports.toolstack, catalog), service_(ports, circumstances_.unique),
      inactive_(ports, circumstances_.unique) {}

Result<CreatedSnapshot> CataloguedCreate::create(const Subject &subject, const CreateWish &wish) {
    XLSNAP_ASSIGN(const OpenedCatalog opened, catalogs_.open(subject, wish.dry_run));
    Result<CreatedSnapshot> created = create(opened, wish);
    if (!created && !wish.dry_run)
        static_cast<void>(
            catalogs_.forget_if_empty(subject.key)); // what is left is an empty directory
    return created;
}

Result<CreatedSnapshot> CataloguedCreate::create(const OpenedCatalog &opened,
                                                 const CreateWish &wish) {
    const Subject &subject = opened.subject;
    const DomainCatalog &known = opened.known;
    XLSNAP_ASSIGN(const Domain domain, catalogs_.domain_of(subject, known));
    CreatedSnapshot created;
    SnapshotRecord &record = created.record;
    XLSNAP_ASSIGN(record, draft(domain, known, subject, wish));
    created.parent = name_of_parent(known, record);
    XLSNAP_ASSIGN(const std::vector<DiskRequest> disks,
                  choose_disks(domain, wish.disks, snapshot_tag(record.id))
                      .with_context(fmt::format("domain {}", domain.name)));
    record.disks = disk_records(domain, disks);
    SnapshotRequest request = create_request(record, disks);
    const bool leaves_paused = wish.left_paused && subject.domid;
    if (wish.dry_run) {
        request.directory_is_made = true; // nobody has the lock that makes it
        XLSNAP_ASSIGN(const Plan plan, subject.domid ? service_.plan_create(*subject.domid, request)
                                                     : inactive_.plan_create(request));
        created.plan = lines_of(plan, record, leaves_paused);
        return created;
    }
    mark_disks(record);
    XLSNAP_TRY(make(subject, request));
    if (Status kept = keep(subject.key, known, record, domain); !kept) {
        Error error = with_context("the snapshot was made, but its record was not, so it is undone",
                                   std::move(kept.error()));
        if (const Status undone = unmake(subject, request); !undone)
            error.message += fmt::format("; NOT UNDONE: {}", undone.error().message);
        return fail(std::move(error));
    }
    if (leaves_paused)
        created.closing = ports_.toolstack.pause(*subject.domid)
                              .with_context(fmt::format("snapshot '{}' is made, but", record.name));
    return created;
}

Result<SnapshotRecord> CataloguedCreate::draft(const Domain &domain, const DomainCatalog &known,
                                               const Subject &subject, const CreateWish &wish) {
    SnapshotRecord record;
    record.id = circumstances_.id();
    record.creation_time = circumstances_.now();
    XLSNAP_ASSIGN(record.name, choose_name(wish.name, known, record.creation_time));
    XLSNAP_TRY(check_description(wish.description));
    record.description = wish.description;
    record.parent_id = parent_of_next(known);
    record.state = state_of(subject, domain);
    record.domain_uuid = domain.uuid;
    record.domain_name = domain.name;
    record.config_json = domain.config_json;
    record.program_version = circumstances_.program_version;
    if (subject.domid && !wish.disk_only)
        record.memory = MemoryRecord{catalog_.memory_path(subject.key, record.id), 0, {}};
    record.crash_consistent = subject.domid && wish.disk_only;
    return record;
}

// Before the snapshot: what is written to a disk that it leaves out from now on counts as written
// since. What cannot be learnt stays unknown, and a revert says so.
void CataloguedCreate::mark_disks(SnapshotRecord &record) {
    for (DiskRecord &disk : record.disks) {
        const auto facts = ports_.disk_images.examine(disk.path, disk.format);
        if (!facts)
            continue;
        disk.virtual_bytes = facts->virtual_bytes;
        disk.mark = facts->mark;
    }
}

Status CataloguedCreate::make(const Subject &subject, const SnapshotRequest &request) {
    return subject.domid ? service_.create(*subject.domid, request) : inactive_.create(request);
}

Status CataloguedCreate::unmake(const Subject &subject, const SnapshotRequest &request) {
    return subject.domid ? service_.remove(*subject.domid, request) : inactive_.remove(request);
}

Status CataloguedCreate::keep(const std::string &key, const DomainCatalog &known,
                              SnapshotRecord &record, const Domain &domain) {
    if (record.memory) {
        XLSNAP_ASSIGN(const MemoryFingerprint print,
                      ports_.memory_store.fingerprint(record.memory->path));
        record.memory->bytes = print.bytes;
        record.memory->sha256 = print.sha256;
    }
    XLSNAP_TRY(catalog_.add(key, record));
    Status current = catalogs_.make_current(key, known.domain, record.id, domain);
    if (current)
        return {};
    if (const auto removed = catalog_.remove(key, record.name); !removed)
        current.error().message +=
            fmt::format("; and its record stays: {}", removed.error().message);
    return current;
}

} // namespace xlsnap
