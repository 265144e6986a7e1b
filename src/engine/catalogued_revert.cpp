// SPDX-License-Identifier: LGPL-2.1-only
#include <algorithm>
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

// The snapshot of the present leaves out what the one that is reverted to leaves out.
std::vector<DiskWish> wishes_like(const SnapshotRecord &record, const Domain &domain) {
    std::vector<DiskWish> wishes;
    for (const DiskRecord &disk : record.disks) {
        const Disk *now = find_disk(domain, disk.vdev);
        if (disk.kind == DiskSnapshotKind::None && now != nullptr && is_changeable(*now))
            wishes.push_back({disk.vdev, DiskWishKind::None});
    }
    return wishes;
}

// A forced revert of disks alone leaves out those that the domain has no more, and takes the tag of
// a copy for that of the image that was copied.
void fit_disks(SnapshotRequest &request, const Domain &domain) {
    std::erase_if(request.disks,
                  [&](const DiskRequest &disk) { return find_disk(domain, disk.vdev) == nullptr; });
    for (DiskRequest &disk : request.disks) {
        const Disk &now = *find_disk(domain, disk.vdev);
        disk.path = now.path;
        disk.format = now.format;
    }
}

Status check_not_running(const Subject &subject) {
    if (!subject.domid)
        return {};
    return fail(ErrorCode::Invalid,
                fmt::format("the domain runs, its domid is {}; take it to a snapshot by revert",
                            *subject.domid));
}

// `kept` says which snapshot keeps the present state; empty: none was asked for.
Error after_keeping(const std::string &kept, Error error) {
    return kept.empty() ? std::move(error) : with_context(kept, std::move(error));
}

PlanLines lines_of(const SnapshotRecord &record, PlanLines present, const Plan &plan) {
    const std::vector<std::string> steps = outline(plan);
    std::ranges::copy(steps, std::back_inserter(present));
    present.push_back(fmt::format("make '{}' the current snapshot", record.name));
    return present;
}

} // namespace

std::vector<DiskNow> CataloguedSnapshots::disks_now(const Domain &domain) {
    std::vector<DiskNow> disks;
    for (const Disk &disk : domain.disks) {
        if (!has_image(disk))
            continue;
        DiskNow now{disk.vdev, disk.path, 0, is_changeable(disk), {}};
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
    refusals.add(check_brought_back(record, drift.brought_back));
    return refusals;
}

// Images that the restored domain opens again. Of one that it only reads, as an ISO image, others
// may be readers too.
Refusals CataloguedSnapshots::check_brought_back(const SnapshotRecord &record,
                                                 const std::vector<std::string> &paths) {
    Refusals refusals;
    for (const DiskRecord &disk : record.disks) {
        if (std::ranges::count(paths, disk.path) == 0)
            continue;
        const std::vector<DiskTarget> target{{disk.vdev, disk.path, disk.format, {}}};
        refusals.add(disk.writable ? check_closed(ports_.image_users, target)
                                   : check_unwritten(ports_.image_users, target, Domain{}));
    }
    return refusals;
}

Result<RevertedSnapshot> CataloguedSnapshots::revert(const Subject &subject,
                                                     const std::string &name,
                                                     const RevertWish &wish) {
    XLSNAP_ASSIGN(const Begun begun, begin(subject, name, wish.dry_run));
    XLSNAP_ASSIGN(const SnapshotRecord *record, find_record(begun.known, name));
    return begun.subject.domid ? revert_running(begun, *record, wish)
                               : revert_inactive(begun, *record, wish);
}

namespace {

CreateWish present_wish(const SnapshotRecord &record, const Domain &domain, bool dry_run) {
    CreateWish wish;
    wish.description = fmt::format("before the revert to {}", record.name);
    wish.disks = wishes_like(record, domain);
    wish.dry_run = dry_run;
    return wish;
}

} // namespace

Result<PlanLines> CataloguedSnapshots::plan_present(const Begun &begun,
                                                    const SnapshotRecord &record) {
    XLSNAP_ASSIGN(const Domain domain, domain_of(begun.subject, begun.known));
    XLSNAP_ASSIGN(CreatedSnapshot planned,
                  create_locked(begun.subject, begun.known, present_wish(record, domain, true)));
    return std::move(planned.plan);
}

Result<std::string> CataloguedSnapshots::keep_present(const Begun &begun,
                                                      const SnapshotRecord &record) {
    XLSNAP_ASSIGN(const Domain domain, domain_of(begun.subject, begun.known));
    XLSNAP_ASSIGN(const CreatedSnapshot kept,
                  create_locked(begun.subject, begun.known, present_wish(record, domain, false)));
    ports_.log.info(fmt::format("the present state is kept as snapshot '{}'", kept.record.name));
    return fmt::format("the present state is kept as snapshot '{}', but", kept.record.name);
}

Result<RevertedSnapshot> CataloguedSnapshots::revert_running(const Begun &begun,
                                                             const SnapshotRecord &record,
                                                             const RevertWish &wish) {
    const DomainId domid = *begun.subject.domid;
    XLSNAP_ASSIGN(const Domain domain, ports_.toolstack.inspect(domid));
    SnapshotRequest request = request_for(record);
    request.disks_may_differ = wish.force;
    if (wish.force && !record.memory)
        fit_disks(request, domain);
    RevertOptions options{.after = wish.after};
    options.refusals.add(check_drift(record, domain, wish.force));
    options.refusals.add(check_fingerprint(record));
    std::string kept;
    if (wish.dry_run || wish.keep_current) {
        XLSNAP_ASSIGN(const Plan plan, service_.plan_revert(domid, request, options));
        PlanLines present;
        if (wish.keep_current) {
            XLSNAP_ASSIGN(present, plan_present(begun, record));
        }
        if (wish.dry_run)
            return RevertedSnapshot{domid, lines_of(record, std::move(present), plan), {}};
        XLSNAP_ASSIGN(kept, keep_present(begun, record));
    }
    Result<Reverted> reverted = service_.revert(domid, request, options);
    if (!reverted)
        return fail(after_keeping(kept, std::move(reverted.error())));
    const Result<Domain> now = ports_.toolstack.inspect(reverted->domid);
    XLSNAP_TRY(make_current(begun.subject.key, begun.known.domain, record.id, now ? *now : domain)
                   .with_context("the domain is reverted, but the catalog still has another "
                                 "snapshot as the current one"));
    return RevertedSnapshot{reverted->domid, {}, std::move(reverted->closing)};
}

Result<RevertedSnapshot> CataloguedSnapshots::revert_inactive(const Begun &begun,
                                                              const SnapshotRecord &record,
                                                              const RevertWish &wish) {
    Result<Domain> configured = domain_of(begun.subject, begun.known);
    if (!configured && !record.config_json.empty())
        configured = ports_.toolstack.read_config(record.config_json);
    SnapshotRequest request = request_for(record);
    request.disks_may_differ = wish.force;
    RevertOptions options{.after = wish.after};
    if (configured) {
        if (wish.force && !record.memory)
            fit_disks(request, *configured);
        options.refusals.add(check_drift(record, *configured, wish.force));
    }
    options.refusals.add(check_fingerprint(record));
    const bool starts = record.memory || wish.start;
    const StartRequest start{request, configured ? configured->config_json : std::string(),
                             options};
    std::string kept;
    if (wish.dry_run || wish.keep_current) {
        XLSNAP_ASSIGN(const Plan plan, starts ? starter_.plan(start)
                                              : inactive_.plan_revert(request, options.refusals));
        PlanLines present;
        if (wish.keep_current) {
            XLSNAP_ASSIGN(present, plan_present(begun, record));
        }
        if (wish.dry_run)
            return RevertedSnapshot{{}, lines_of(record, std::move(present), plan), {}};
        XLSNAP_ASSIGN(kept, keep_present(begun, record));
    }
    RevertedSnapshot result;
    if (starts) {
        Result<Reverted> started = starter_.start(start);
        if (!started)
            return fail(after_keeping(kept, std::move(started.error())));
        result.domid = started->domid;
        result.closing = std::move(started->closing);
        if (Result<Domain> now = ports_.toolstack.inspect(started->domid))
            configured = std::move(now);
    } else {
        Status reverted = inactive_.revert(request, options.refusals);
        if (!reverted)
            return fail(after_keeping(kept, std::move(reverted.error())));
    }
    Status current =
        configured ? make_current(begun.subject.key, begun.known.domain, record.id, *configured)
                   : make_current(begun.subject.key, begun.known.domain, record.id);
    XLSNAP_TRY(std::move(current).with_context("the domain is reverted, but the catalog still has "
                                               "another snapshot as the current one"));
    return result;
}

Result<RevertedSnapshot> CataloguedSnapshots::start(const Subject &subject, const std::string &name,
                                                    const RevertWish &wish) {
    if (!name.empty()) {
        RevertWish started = wish;
        started.start = true;
        XLSNAP_TRY(check_not_running(subject));
        return revert(subject, name, started);
    }
    XLSNAP_ASSIGN(const Begun begun, begin(subject, wish.dry_run));
    XLSNAP_TRY(check_not_running(begun.subject));
    XLSNAP_ASSIGN(const Domain domain, domain_of(begun.subject, begun.known));
    const StartRequest request{{}, domain.config_json, RevertOptions{.after = wish.after}};
    if (wish.dry_run) {
        XLSNAP_ASSIGN(const Plan plan, starter_.plan(request));
        return RevertedSnapshot{{}, outline(plan), {}};
    }
    XLSNAP_ASSIGN(Reverted started, starter_.start(request));
    return RevertedSnapshot{started.domid, {}, std::move(started.closing)};
}

} // namespace xlsnap
