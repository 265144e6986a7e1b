// SPDX-License-Identifier: LGPL-2.1-only
#include "engine/catalogued_revert.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "core/domain_images.hpp"
#include "core/plan_outline.hpp"
#include "core/record_request.hpp"
#include "engine/catalog_records.hpp"
#include "engine/snapshot_data.hpp"

namespace xlsnap {

namespace {

// A start from a snapshot none of whose disks is left would be one from the present.
Status check_something_left(const SnapshotRecord &record, const SnapshotRequest &request) {
    if (record.memory || !request.disks.empty())
        return {};
    return fail(ErrorCode::Invalid,
                fmt::format("the domain has none of the disks of snapshot '{}' any more; attach "
                            "them again (xl.cfg)",
                            record.name));
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
        XLSNAP_ASSIGN(const Plan plan, way.plan(opened.known));
        PlanLines present;
        if (wish.keep_current) {
            XLSNAP_ASSIGN(present, present_.plan(opened, record, wish.overlay_directory));
        }
        if (wish.dry_run)
            return RevertedSnapshot{
                opened.subject.domid, lines_of(record, std::move(present), plan), {}};
        XLSNAP_ASSIGN(kept, present_.keep(opened, record, wish.overlay_directory));
    }
    Result<RevertedSnapshot> reverted = go_now(opened.subject, record, way);
    return reverted ? std::move(reverted) : fail(after_keeping(kept, std::move(reverted.error())));
}

// The catalog as it is when the present is kept: that may have put overlays on the disks.
Result<RevertedSnapshot> CataloguedRevert::go_now(const Subject &subject,
                                                  const SnapshotRecord &record, const Way &way) {
    XLSNAP_ASSIGN(const DomainCatalog known, catalog_.read(subject.key));
    XLSNAP_ASSIGN(Arrival arrived, way.act(known));
    if (Status current = record_arrival(known, record, arrived); !current) {
        Error error = with_context("the domain is reverted, but the catalog still has another "
                                   "snapshot as the current one (xlsnap current sets it)",
                                   std::move(current.error()));
        if (!arrived.closing)
            error.message += "; " + arrived.closing.error().message;
        return fail(std::move(error));
    }
    Refusals left;
    left.add(arrived.closing);
    left.add(tidy_up(subject, arrived));
    return RevertedSnapshot{arrived.domid, {}, left.status()};
}

// The branch that was left goes, unless a snapshot needs it.
Status CataloguedRevert::tidy_up(Subject subject, const Arrival &arrived) {
    subject.domid = arrived.domid;
    XLSNAP_ASSIGN(DomainCatalog known, catalog_.read(subject.key));
    return tidying_.tidy(subject, known, TidyDepth::Leaves);
}

Status CataloguedRevert::record_arrival(const DomainCatalog &known, const SnapshotRecord &record,
                                        const Arrival &arrived) {
    DomainRecord domain = known.domain;
    for (DomainImage image : arrived.made) {
        if (const auto facts = ports_.disk_images.examine(image.path, image.format))
            image.mark = facts->mark;
        list_image(domain, std::move(image));
    }
    return arrived.domain ? catalogs_.make_current(domain, record, *arrived.domain)
                          : catalogs_.make_current(domain, record);
}

Result<RevertedSnapshot> CataloguedRevert::revert_running(const OpenedCatalog &opened,
                                                          const SnapshotRecord &record,
                                                          const RevertWish &wish) {
    const DomainId domid = *opened.subject.domid;
    const RevertOptions options = options_of(record, wish);
    struct Looked {
        SnapshotRequest request;
        RevertOptions options;
    };
    // Looked at anew each time: the guest may write to a disk that is left out while its present is
    // kept.
    const auto look = [&](const DomainCatalog &known) -> Result<Looked> {
        XLSNAP_ASSIGN(const Domain present, ports_.toolstack.inspect(domid));
        Looked looked{{}, options};
        XLSNAP_ASSIGN(looked.request,
                      facts_.request(known, record, present, wish.force, wish.overlay_directory));
        looked.options.refusals.add(facts_.drift(known, record, present, wish.force));
        return looked;
    };
    const Way way{[&](const DomainCatalog &known) -> Result<Plan> {
                      XLSNAP_ASSIGN(const Looked now, look(known));
                      return service_.plan_revert(domid, now.request, now.options);
                  },
                  [&](const DomainCatalog &known) -> Result<Arrival> {
                      XLSNAP_ASSIGN(const Looked now, look(known));
                      XLSNAP_ASSIGN(Reverted reverted, listed(known, now.request, [&] {
                                        return service_.revert(domid, now.request, now.options);
                                    }));
                      return arrival_of(std::move(reverted), now.request);
                  }};
    return go(opened, record, wish, way);
}

// The images that a revert makes are on the domain's list before there are any: one that is not
// would be nobody's, once a disk has it. After a failure those stay listed that are there still.
template <typename Act>
auto CataloguedRevert::listed(const DomainCatalog &known, const SnapshotRequest &request, Act act)
    -> decltype(act()) {
    DomainRecord domain = known.domain;
    for (DomainImage &image : images_made_for(request))
        list_image(domain, std::move(image));
    if (domain != known.domain)
        XLSNAP_TRY(catalog_.write_domain(domain));
    auto done = act();
    if (!done && domain != known.domain)
        unlist_missing(domain, known);
    return done;
}

// An entry that cannot be taken off now does no harm: nothing is where it points.
void CataloguedRevert::unlist_missing(DomainRecord &domain, const DomainCatalog &known) {
    std::erase_if(domain.images, [&](const DomainImage &image) {
        const auto facts = ports_.disk_images.examine(image.path, image.format);
        return find_image(known.domain, image.path) == nullptr && !facts &&
               facts.error().code == ErrorCode::NotFound;
    });
    static_cast<void>(catalog_.write_domain(domain));
}

CataloguedRevert::Arrival CataloguedRevert::arrival_of(Reverted reverted,
                                                       const SnapshotRequest &request) {
    Result<Domain> now = ports_.toolstack.inspect(reverted.domid);
    return {reverted.domid, now ? std::optional(std::move(*now)) : std::nullopt,
            images_made_for(request), std::move(reverted.closing)};
}

Result<CataloguedRevert::Inactive> CataloguedRevert::look_at_inactive(const Subject &subject,
                                                                      const DomainCatalog &known,
                                                                      const SnapshotRecord &record,
                                                                      const RevertWish &wish) {
    Inactive looked{{}, options_of(record, wish), {}};
    Result<Domain> configured = catalogs_.domain_of(subject, known);
    if (!configured && !record.config_json.empty())
        configured = ports_.toolstack.read_config(record.config_json);
    if (configured) {
        XLSNAP_ASSIGN(looked.request, facts_.request(known, record, *configured, wish.force,
                                                     wish.overlay_directory));
        looked.options.refusals.add(facts_.drift(known, record, *configured, wish.force));
        looked.present = std::move(*configured);
        // What is reverted in place is so whichever disk has the image now.
        std::ranges::move(std::exchange(looked.request.detached, {}),
                          std::back_inserter(looked.request.disks));
    } else {
        looked.request = request_for(record);
        if (record.memory && !wish.force)
            looked.options.refusals.add(fail(ErrorCode::Invalid,
                                             "nobody knows what disks the domain has now; give its "
                                             "xl.cfg (--config), or force it"));
    }
    looked.options.refusals.add(check_something_left(record, looked.request));
    return looked;
}

Result<RevertedSnapshot> CataloguedRevert::revert_inactive(const OpenedCatalog &opened,
                                                           const SnapshotRecord &record,
                                                           const RevertWish &wish) {
    const auto look = [&](const DomainCatalog &known) {
        return look_at_inactive(opened.subject, known, record, wish);
    };
    if (record.memory || wish.start)
        return go(opened, record, wish,
                  {[&](const DomainCatalog &known) -> Result<Plan> {
                       XLSNAP_ASSIGN(const Inactive now, look(known));
                       return starter_.plan(start_request(now));
                   },
                   [&](const DomainCatalog &known) -> Result<Arrival> {
                       XLSNAP_ASSIGN(const Inactive now, look(known));
                       XLSNAP_ASSIGN(Reverted started, listed(known, now.request, [&] {
                                         return starter_.start(start_request(now));
                                     }));
                       return arrival_of(std::move(started), now.request);
                   }});
    return go(opened, record, wish,
              {[&](const DomainCatalog &known) -> Result<Plan> {
                   XLSNAP_ASSIGN(const Inactive now, look(known));
                   return inactive_.plan_revert(now.request, now.options.refusals);
               },
               [&](const DomainCatalog &known) -> Result<Arrival> {
                   XLSNAP_ASSIGN(const Inactive now, look(known));
                   XLSNAP_TRY(listed(known, now.request, [&] {
                       return inactive_.revert(now.request, now.options.refusals);
                   }));
                   Arrival arrived{{}, now.present, images_made_for(now.request), {}};
                   if (arrived.domain)
                       arrived.domain = with_reverted_disks(*arrived.domain, now.request);
                   return arrived;
               }});
}

StartRequest CataloguedRevert::start_request(const Inactive &looked) {
    return {looked.request, looked.present ? looked.present->config_json : std::string(),
            looked.options};
}

Result<RevertedSnapshot> CataloguedRevert::revert(const Subject &subject, const std::string &name,
                                                  const RevertWish &wish) {
    XLSNAP_ASSIGN(const OpenedCatalog opened, catalogs_.open(subject, name, wish.dry_run));
    XLSNAP_ASSIGN(const SnapshotRecord *record, find_record(opened.known, name));
    return opened.subject.domid ? revert_running(opened, *record, wish)
                                : revert_inactive(opened, *record, wish);
}

Result<PlanLines> CataloguedRevert::revert_disks(const OpenedCatalog &opened,
                                                 const SnapshotRecord &record, bool dry_run) {
    if (opened.subject.domid)
        return fail(ErrorCode::Invalid,
                    "the domain runs, and what it has written cannot be dropped "
                    "under it; shut it down (xl shutdown) and try again");
    SnapshotRecord disks = record;
    disks.memory.reset();
    XLSNAP_ASSIGN(RevertedSnapshot reverted, revert_inactive(opened, disks, {.dry_run = dry_run}));
    XLSNAP_TRY(std::move(reverted.closing).with_context("the disks are taken back, but"));
    return std::move(reverted.plan);
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
