// SPDX-License-Identifier: LGPL-2.1-only
#include "engine/catalogued_revert.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "core/plan_outline.hpp"
#include "core/record_request.hpp"
#include "engine/catalog_records.hpp"
#include "engine/image_guard.hpp"
#include "engine/snapshot_data.hpp"

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

// A disk of the snapshot that the domain has no more, or has with another image.
bool is_detached(const DiskRequest &disk, const Domain &domain) {
    const Disk *now = find_disk(domain, disk.vdev);
    return now == nullptr || now->path != disk.path;
}

// A forced revert of disks alone leaves out those that the domain has no more, and takes the tag of
// a copy for that of the image that was copied.
void fit_to_present(SnapshotRequest &request, const Domain &domain) {
    std::erase_if(request.disks,
                  [&](const DiskRequest &disk) { return find_disk(domain, disk.vdev) == nullptr; });
    for (DiskRequest &disk : request.disks) {
        const Disk &now = *find_disk(domain, disk.vdev);
        disk.path = now.path;
        disk.format = now.format;
    }
}

// A start from a snapshot none of whose disks is left would be one from the present.
Status check_something_left(const SnapshotRecord &record, const SnapshotRequest &request) {
    if (record.memory || !request.disks.empty())
        return {};
    return fail(ErrorCode::Invalid,
                fmt::format("the domain has none of the disks of snapshot '{}' any more; attach "
                            "them again (xl.cfg)",
                            record.name));
}

// What force accepts of disks, drift_since() has told.
SnapshotRequest request_of(const SnapshotRecord &record, const RevertWish &wish) {
    SnapshotRequest request = request_for(record);
    if (wish.force)
        for (const DiskRecord &disk : record.disks)
            request.may_differ.push_back(disk.path);
    return request;
}

// With memory the domain will have them again, as its configuration was then.
void divide_detached(SnapshotRequest &request, const Domain &domain) {
    for (const DiskRequest &disk : request.disks)
        if (is_detached(disk, domain))
            request.detached.push_back(disk);
    std::erase_if(request.disks,
                  [&](const DiskRequest &disk) { return is_detached(disk, domain); });
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

CreateWish present_wish(const SnapshotRecord &record, const Domain &domain, bool dry_run) {
    CreateWish wish;
    wish.description = fmt::format("before the revert to {}", record.name);
    wish.disks = wishes_like(record, domain);
    if (record.memory)
        wish.compression = record.memory->compression;
    wish.dry_run = dry_run;
    return wish;
}

} // namespace

std::vector<DiskNow> CataloguedRevert::disks_now(const Domain &domain) {
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

Refusals CataloguedRevert::check_drift(const SnapshotRecord &record, const Domain &domain,
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
Refusals CataloguedRevert::check_brought_back(const SnapshotRecord &record,
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

RevertOptions CataloguedRevert::options_of(const SnapshotRecord &record, const RevertWish &wish) {
    RevertOptions options{.after = wish.after};
    options.refusals.add(check_fingerprint(ports_.memory_store, record));
    return options;
}

// Every way to revert: tell the plan, or keep the present, act, and make the snapshot the current
// one.
Result<RevertedSnapshot> CataloguedRevert::go(const OpenedCatalog &opened,
                                              const SnapshotRecord &record, const RevertWish &wish,
                                              const Way &way) {
    std::string kept;
    if (wish.dry_run || wish.keep_current) {
        XLSNAP_ASSIGN(const Plan plan, way.plan());
        PlanLines present;
        if (wish.keep_current) {
            XLSNAP_ASSIGN(present, plan_present(opened, record));
        }
        if (wish.dry_run)
            return RevertedSnapshot{
                opened.subject.domid, lines_of(record, std::move(present), plan), {}};
        XLSNAP_ASSIGN(kept, keep_present(opened, record));
    }
    Result<Arrival> arrived = way.act();
    if (!arrived)
        return fail(after_keeping(kept, std::move(arrived.error())));
    const DomainRecord &domain = opened.known.domain;
    Status current = arrived->domain ? catalogs_.make_current(domain, record, *arrived->domain)
                                     : catalogs_.make_current(domain, record);
    if (!current) {
        Error error = with_context("the domain is reverted, but the catalog still has another "
                                   "snapshot as the current one (xlsnap current sets it)",
                                   std::move(current.error()));
        if (!arrived->closing)
            error.message += "; " + arrived->closing.error().message;
        return fail(after_keeping(kept, std::move(error)));
    }
    return RevertedSnapshot{arrived->domid, {}, std::move(arrived->closing)};
}

Result<RevertedSnapshot> CataloguedRevert::revert_running(const OpenedCatalog &opened,
                                                          const SnapshotRecord &record,
                                                          const RevertWish &wish) {
    const DomainId domid = *opened.subject.domid;
    XLSNAP_ASSIGN(const Domain domain, ports_.toolstack.inspect(domid));
    SnapshotRequest request = request_of(record, wish);
    if (wish.force)
        record.memory ? divide_detached(request, domain) : fit_to_present(request, domain);
    const RevertOptions facts = options_of(record, wish);
    // Looked at anew each time: the guest may write to a disk that is left out while its present is
    // kept.
    const auto options = [&]() -> Result<RevertOptions> {
        XLSNAP_ASSIGN(const Domain present, ports_.toolstack.inspect(domid));
        RevertOptions looked = facts;
        looked.refusals.add(check_drift(record, present, wish.force));
        return looked;
    };
    const Way way{
        [&]() -> Result<Plan> {
            XLSNAP_ASSIGN(const RevertOptions now, options());
            return service_.plan_revert(domid, request, now);
        },
        [&]() -> Result<Arrival> {
            XLSNAP_ASSIGN(const RevertOptions looked, options());
            XLSNAP_ASSIGN(Reverted reverted, service_.revert(domid, request, looked));
            const Result<Domain> now = ports_.toolstack.inspect(reverted.domid);
            return Arrival{reverted.domid, now ? *now : domain, std::move(reverted.closing)};
        }};
    return go(opened, record, wish, way);
}

Result<RevertedSnapshot> CataloguedRevert::revert_inactive(const OpenedCatalog &opened,
                                                           const SnapshotRecord &record,
                                                           const RevertWish &wish) {
    Result<Domain> configured = catalogs_.domain_of(opened.subject, opened.known);
    if (!configured && !record.config_json.empty())
        configured = ports_.toolstack.read_config(record.config_json);
    SnapshotRequest request = request_of(record, wish);
    RevertOptions options = options_of(record, wish);
    if (configured) {
        if (wish.force && !record.memory)
            fit_to_present(request, *configured);
        options.refusals.add(check_drift(record, *configured, wish.force));
    } else if (record.memory && !wish.force) {
        options.refusals.add(fail(ErrorCode::Invalid,
                                  "nobody knows what disks the domain has now; give its xl.cfg "
                                  "(--config), or force it"));
    }
    options.refusals.add(check_something_left(record, request));
    if (record.memory || wish.start) {
        const StartRequest start{request, configured ? configured->config_json : std::string(),
                                 options};
        return go(opened, record, wish, way_to_start(start));
    }
    const Way way{
        [&] { return inactive_.plan_revert(request, options.refusals); },
        [&]() -> Result<Arrival> {
            XLSNAP_TRY(inactive_.revert(request, options.refusals));
            return Arrival{{}, configured ? std::optional(*configured) : std::nullopt, {}};
        }};
    return go(opened, record, wish, way);
}

CataloguedRevert::Way CataloguedRevert::way_to_start(const StartRequest &start) {
    return {[this, start] { return starter_.plan(start); },
            [this, start]() -> Result<Arrival> {
                XLSNAP_ASSIGN(Reverted started, starter_.start(start));
                const Result<Domain> now = ports_.toolstack.inspect(started.domid);
                return Arrival{started.domid, now ? std::optional(*now) : std::nullopt,
                               std::move(started.closing)};
            }};
}

Result<RevertedSnapshot> CataloguedRevert::revert(const Subject &subject, const std::string &name,
                                                  const RevertWish &wish) {
    XLSNAP_ASSIGN(const OpenedCatalog opened, catalogs_.open(subject, name, wish.dry_run));
    XLSNAP_ASSIGN(const SnapshotRecord *record, find_record(opened.known, name));
    return opened.subject.domid ? revert_running(opened, *record, wish)
                                : revert_inactive(opened, *record, wish);
}

Result<PlanLines> CataloguedRevert::plan_present(const OpenedCatalog &opened,
                                                 const SnapshotRecord &record) {
    XLSNAP_ASSIGN(const Domain domain, catalogs_.domain_of(opened.subject, opened.known));
    XLSNAP_ASSIGN(CreatedSnapshot planned, create_.create(opened.subject, current_of(opened.known),
                                                          present_wish(record, domain, true)));
    return std::move(planned.plan);
}

Result<std::string> CataloguedRevert::keep_present(const OpenedCatalog &opened,
                                                   const SnapshotRecord &record) {
    XLSNAP_ASSIGN(const Domain domain, catalogs_.domain_of(opened.subject, opened.known));
    XLSNAP_ASSIGN(const CreatedSnapshot kept,
                  create_.create(opened.subject, current_of(opened.known),
                                 present_wish(record, domain, false)));
    ports_.log.info(fmt::format("the present state is kept as snapshot '{}'", kept.record.name));
    return fmt::format("the present state is kept as snapshot '{}', but", kept.record.name);
}

Result<RevertedSnapshot> CataloguedRevert::start(const Subject &subject, const std::string &name,
                                                 const RevertWish &wish) {
    if (!name.empty()) {
        RevertWish started = wish;
        started.start = true;
        XLSNAP_TRY(check_not_running(subject));
        return revert(subject, name, started);
    }
    XLSNAP_ASSIGN(const OpenedCatalog opened, catalogs_.open(subject, wish.dry_run));
    XLSNAP_TRY(check_not_running(opened.subject));
    XLSNAP_ASSIGN(const Domain domain, catalogs_.domain_of(opened.subject, opened.known));
    const StartRequest request{{}, domain.config_json, RevertOptions{.after = wish.after}};
    if (wish.dry_run) {
        XLSNAP_ASSIGN(const Plan plan, starter_.plan(request));
        return RevertedSnapshot{{}, outline(plan), {}};
    }
    XLSNAP_ASSIGN(Reverted started, starter_.start(request));
    return RevertedSnapshot{started.domid, {}, std::move(started.closing)};
}

} // namespace xlsnap
