// SPDX-License-Identifier: LGPL-2.1-only
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "core/plan_outline.hpp"
#include "core/record_request.hpp"
#include "engine/catalog_records.hpp"
#include "engine/catalogued_snapshots.hpp"
#include "engine/image_guard.hpp"

namespace xlsnap {

namespace {

// Told of each reason that force overrides, so that nobody has to know the option.
Status with_way_out(const Refusals &forcible) {
    Status refused = forcible.status();
    if (!refused)
        refused.error().message += "; a forced revert (--force) goes on in spite of this";
    return refused;
}

PlanLines lines_of(const SnapshotRecord &record, const Plan &plan, bool keep_current) {
    PlanLines lines;
    if (keep_current)
        lines.emplace_back("make a snapshot of the present state");
    const std::vector<std::string> steps = outline(plan);
    std::ranges::copy(steps, std::back_inserter(lines));
    lines.push_back(fmt::format("make '{}' the current snapshot", record.name));
    return lines;
}

} // namespace

std::vector<DiskNow> CataloguedSnapshots::disks_now(const Domain &domain) {
    std::vector<DiskNow> disks;
    for (const Disk &disk : domain.disks) {
        if (disk.cdrom || disk.path.empty())
            continue;
        DiskNow now{disk.vdev, disk.path, 0, disk.writable, {}};
        if (const auto facts = ports_.disk_images.examine(disk.path, disk.format)) {
            now.virtual_bytes = facts->virtual_bytes;
            now.mark = facts->mark;
        }
        disks.push_back(std::move(now));
    }
    return disks;
}

// A file of another size or content than the one that was written may hold anything.
Status CataloguedSnapshots::check_fingerprint(const SnapshotRecord &record) {
    if (!record.memory)
        return {};
    XLSNAP_ASSIGN(const MemoryFingerprint now,
                  ports_.memory_store.fingerprint(record.memory->path));
    if (now.bytes == record.memory->bytes && now.sha256 == record.memory->sha256)
        return {};
    return fail(
        ErrorCode::Invalid,
        fmt::format("the memory image {} is not what was written when the snapshot was made "
                    "({} bytes then, {} now): it is damaged or another file; bring it back "
                    "from a backup, or delete the snapshot",
                    record.memory->path, record.memory->bytes, now.bytes));
}

Refusals CataloguedSnapshots::check_drift(const SnapshotRecord &record, const Domain &domain,
                                          bool force) {
    const SnapshotDrift drift = drift_since(record, disks_now(domain));
    Refusals refusals = drift.firm;
    if (!force)
        refusals.add(with_way_out(drift.forcible));
    std::vector<DiskTarget> back;
    for (const std::string &path : drift.brought_back)
        back.push_back({path, path, DiskFormat::Unknown, {}});
    refusals.add(check_closed(ports_.image_users, back));
    return refusals;
}

Result<RevertedSnapshot> CataloguedSnapshots::revert(const Subject &subject,
                                                     const std::string &name,
                                                     const RevertWish &wish) {
    XLSNAP_ASSIGN(const DomainCatalog before, catalog_.read(subject.key));
    XLSNAP_TRY(
        find_record(before, name)); // no lock, which makes a directory, for what is not there
    XLSNAP_ASSIGN(const auto lock, lock_unless(wish.dry_run, subject.key));
    XLSNAP_ASSIGN(const DomainCatalog known, catalog_.read(subject.key));
    XLSNAP_ASSIGN(const SnapshotRecord *record, find_record(known, name));
    return subject.domid ? revert_running(subject, known, *record, wish)
                         : revert_inactive(subject, known, *record, wish);
}

Status CataloguedSnapshots::keep_present(const Subject &subject, const std::string &name) {
    CreateWish wish;
    wish.description = fmt::format("before the revert to {}", name);
    XLSNAP_ASSIGN(const CreatedSnapshot kept, create_locked(subject, wish));
    ports_.log.info(fmt::format("the present state is kept as snapshot '{}'", kept.record.name));
    return {};
}

Result<RevertedSnapshot> CataloguedSnapshots::revert_running(const Subject &subject,
                                                             const DomainCatalog &known,
                                                             const SnapshotRecord &record,
                                                             const RevertWish &wish) {
    XLSNAP_ASSIGN(const Domain domain, ports_.toolstack.inspect(*subject.domid));
    SnapshotRequest request = request_for(record);
    request.disks_may_differ = wish.force;
    RevertOptions options{.after = wish.after};
    options.refusals.add(check_drift(record, domain, wish.force));
    options.refusals.add(check_fingerprint(record));
    if (wish.dry_run || wish.keep_current) {
        XLSNAP_ASSIGN(const Plan plan, service_.plan_revert(*subject.domid, request, options));
        if (wish.dry_run)
            return RevertedSnapshot{subject.domid, lines_of(record, plan, wish.keep_current), {}};
        XLSNAP_TRY(keep_present(subject, record.name));
    }
    XLSNAP_ASSIGN(Reverted reverted, service_.revert(*subject.domid, request, options));
    const Result<Domain> now = ports_.toolstack.inspect(reverted.domid);
    XLSNAP_TRY(make_current(subject.key, known.domain, record.id, now ? *now : domain)
                   .with_context("the domain is reverted, but the catalog still has another "
                                 "snapshot as the current one"));
    return RevertedSnapshot{reverted.domid, {}, std::move(reverted.closing)};
}

Result<RevertedSnapshot> CataloguedSnapshots::revert_inactive(const Subject &subject,
                                                              const DomainCatalog &known,
                                                              const SnapshotRecord &record,
                                                              const RevertWish &wish) {
    const SnapshotRequest request = request_for(record);
    const bool starts = record.memory || wish.start;
    StartRequest start{request,
                       subject.config_json.empty() ? record.config_json : subject.config_json,
                       RevertOptions{.after = wish.after}};
    start.options.refusals.add(check_fingerprint(record));
    if (wish.dry_run || wish.keep_current) {
        XLSNAP_ASSIGN(const Plan plan,
                      starts ? starter_.plan(start) : inactive_.plan_revert(request));
        if (wish.dry_run)
            return RevertedSnapshot{{}, lines_of(record, plan, wish.keep_current), {}};
        XLSNAP_TRY(keep_present(subject, record.name));
    }
    RevertedSnapshot result;
    Domain now;
    if (starts) {
        XLSNAP_ASSIGN(Reverted started, starter_.start(start));
        result.domid = started.domid;
        result.closing = std::move(started.closing);
        XLSNAP_ASSIGN(now, ports_.toolstack.inspect(started.domid));
    } else {
        XLSNAP_TRY(inactive_.revert(request));
        XLSNAP_ASSIGN(now, ports_.toolstack.read_config(record.config_json));
    }
    XLSNAP_TRY(make_current(subject.key, known.domain, record.id, now)
                   .with_context("the domain is reverted, but the catalog still has another "
                                 "snapshot as the current one"));
    return result;
}

Result<RevertedSnapshot> CataloguedSnapshots::start(const Subject &subject, const std::string &name,
                                                    const RevertWish &wish) {
    if (subject.domid)
        return fail(ErrorCode::Invalid,
                    fmt::format("the domain runs, its domid is {}; take it to a snapshot by revert",
                                *subject.domid));
    if (!name.empty()) {
        RevertWish started = wish;
        started.start = true;
        return revert(subject, name, started);
    }
    XLSNAP_ASSIGN(const DomainCatalog known, catalog_.read(subject.key));
    XLSNAP_ASSIGN(const Domain domain, domain_of(subject, known));
    const StartRequest request{{}, domain.config_json, RevertOptions{.after = wish.after}};
    if (wish.dry_run) {
        XLSNAP_ASSIGN(const Plan plan, starter_.plan(request));
        return RevertedSnapshot{{}, outline(plan), {}};
    }
    XLSNAP_ASSIGN(Reverted started, starter_.start(request));
    return RevertedSnapshot{started.domid, {}, std::move(started.closing)};
}

} // namespace xlsnap
