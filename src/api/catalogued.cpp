// SPDX-License-Identifier: LGPL-2.1-only
// The C functions of the catalog: no logic, only the border between C and C++.
#include "libxl_snapshot.h"

#include <cstdlib>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "api/border.hpp"
#include "api/catalog_root.hpp"
#include "api/composition.hpp"
#include "api/records.hpp"
#include "api/subjects.hpp"
#include "core/snapshot_description.hpp"

namespace xlsnap::api {

namespace {

constexpr unsigned kRevertFlags = LIBXL_SNAPSHOT_DRY_RUN | LIBXL_SNAPSHOT_FORCE |
                                  LIBXL_SNAPSHOT_PAUSED | LIBXL_SNAPSHOT_RUNNING |
                                  LIBXL_SNAPSHOT_KEEP_CURRENT;
constexpr unsigned kStartFlags = kRevertFlags & ~LIBXL_SNAPSHOT_KEEP_CURRENT;
constexpr unsigned kDeleteFlags =
    LIBXL_SNAPSHOT_DRY_RUN | LIBXL_SNAPSHOT_FORCE | LIBXL_SNAPSHOT_DELETE_CHILDREN |
    LIBXL_SNAPSHOT_DELETE_CHILDREN_ONLY | LIBXL_SNAPSHOT_DELETE_METADATA_ONLY |
    LIBXL_SNAPSHOT_DELETE_MERGE | LIBXL_SNAPSHOT_DELETE_DISCARD;

bool is_set(unsigned flags, unsigned flag) {
    return (flags & flag) != 0;
}

// Runs `act` on the records of a snapshot unless `check` refuses it or this is a dry run.
template <typename Check, typename Act>
Status change_records(unsigned flags, const std::string &plan, Check check, Act act) {
    XLSNAP_TRY(check_flags(flags, LIBXL_SNAPSHOT_DRY_RUN));
    if (!is_set(flags, LIBXL_SNAPSHOT_DRY_RUN))
        return act();
    XLSNAP_TRY(check());
    set_last_plan({plan});
    return {};
}

// What a function with one snapshot as its answer does: `look` gives a SnapshotView.
template <typename Look>
int answer(libxl_ctx *ctx, const libxl_snapshot_domain *domain, libxl_domain_snapshot *snapshot,
           Look look) {
    return guarded([&]() -> Status {
        XLSNAP_TRY(check_context(ctx));
        XLSNAP_TRY(check_place(snapshot, "the snapshot"));
        Composition composition(ctx);
        XLSNAP_ASSIGN(const std::string key, key_of(composition, domain));
        XLSNAP_ASSIGN(const SnapshotView view, look(composition.records(), key));
        fill_in(*snapshot, view);
        return {};
    });
}

Result<SnapshotListing> listing(libxl_ctx *ctx, const libxl_snapshot_domain *domain,
                                const char *from, unsigned filter) {
    XLSNAP_TRY(check_context(ctx));
    XLSNAP_ASSIGN(const SnapshotFilter wanted, filter_of(filter));
    Composition composition(ctx);
    XLSNAP_ASSIGN(const std::string key, key_of(composition, domain));
    return composition.records().list(key, from == nullptr ? "" : from, wanted);
}

Result<RevertWish> revert_wish_of(unsigned flags, unsigned known) {
    XLSNAP_TRY(check_flags(flags, known));
    const bool paused = is_set(flags, LIBXL_SNAPSHOT_PAUSED);
    const bool running = is_set(flags, LIBXL_SNAPSHOT_RUNNING);
    if (paused && running)
        return fail(ErrorCode::Invalid, "a domain cannot be both paused and running; give one of "
                                        "the two");
    RevertWish wish;
    if (paused || running)
        wish.after = paused ? AfterRevert::Paused : AfterRevert::Running;
    wish.start = paused || running;
    wish.keep_current = is_set(flags, LIBXL_SNAPSHOT_KEEP_CURRENT);
    wish.force = is_set(flags, LIBXL_SNAPSHOT_FORCE);
    wish.dry_run = is_set(flags, LIBXL_SNAPSHOT_DRY_RUN);
    return wish;
}

Status tell_revert(RevertedSnapshot reverted, int *domid_out) {
    set_last_plan(reverted.plan);
    if (domid_out != nullptr)
        *domid_out = reverted.domid ? static_cast<int>(*reverted.domid) : -1;
    return std::move(reverted.closing);
}

DeletionWish deletion_wish_of(unsigned flags) {
    DeletionWish wish;
    wish.children = is_set(flags, LIBXL_SNAPSHOT_DELETE_CHILDREN);
    wish.children_only = is_set(flags, LIBXL_SNAPSHOT_DELETE_CHILDREN_ONLY);
    wish.metadata_only = is_set(flags, LIBXL_SNAPSHOT_DELETE_METADATA_ONLY);
    wish.merge = is_set(flags, LIBXL_SNAPSHOT_DELETE_MERGE);
    wish.discard = is_set(flags, LIBXL_SNAPSHOT_DELETE_DISCARD);
    wish.force = is_set(flags, LIBXL_SNAPSHOT_FORCE);
    return wish;
}

} // namespace

} // namespace xlsnap::api

namespace api = xlsnap::api;
using xlsnap::Status;

int libxl_snapshot_find_domain(libxl_ctx *ctx, const char *who, libxl_snapshot_domain *domain) {
    return api::guarded([&]() -> Status {
        XLSNAP_TRY(api::check_context(ctx));
        XLSNAP_TRY(api::check_place(domain, "the domain"));
        XLSNAP_ASSIGN(const std::string wanted, api::text_in(who, "the domain's name"));
        api::Composition composition(ctx);
        XLSNAP_ASSIGN(const auto found, composition.finder().find(wanted));
        api::fill_in(*domain, found);
        return {};
    });
}

libxl_snapshot_domain *libxl_snapshot_domain_list(libxl_ctx *ctx, int *nb) {
    libxl_snapshot_domain *list = nullptr;
    int count = 0;
    const int rc = api::guarded([&]() -> Status {
        XLSNAP_TRY(api::check_context(ctx));
        XLSNAP_TRY(api::check_place(nb, "nb"));
        api::Composition composition(ctx);
        XLSNAP_ASSIGN(const auto known, composition.finder().known());
        api::fill_in(&list, &count, known);
        return {};
    });
    if (nb != nullptr)
        *nb = rc == 0 ? count : -1;
    return list;
}

void libxl_snapshot_domain_list_free(libxl_snapshot_domain *list, int nb) {
    for (int i = 0; i < nb; ++i)
        libxl_snapshot_domain_dispose(&list[i]);
    std::free(list);
}

int libxl_snapshot_create(libxl_ctx *ctx, const libxl_snapshot_domain *domain,
                          libxl_domain_snapshot *snapshot, unsigned flags) {
    return api::guarded([&]() -> Status {
        XLSNAP_TRY(api::check_context(ctx));
        XLSNAP_TRY(api::check_flags(flags, LIBXL_SNAPSHOT_DRY_RUN | LIBXL_SNAPSHOT_PAUSED));
        XLSNAP_ASSIGN(const auto wish, api::create_wish_of(snapshot, flags));
        api::Composition composition(ctx);
        XLSNAP_ASSIGN(const auto subject, api::subject_of(composition, domain));
        XLSNAP_ASSIGN(auto created, composition.catalogued().create(subject, wish));
        api::set_last_plan(created.plan);
        if (wish.dry_run)
            return {};
        libxl_domain_snapshot_dispose(snapshot);
        libxl_domain_snapshot_init(snapshot);
        api::fill_in(*snapshot, {created.record, created.parent, true});
        return std::move(created.closing);
    });
}

int libxl_snapshot_get(libxl_ctx *ctx, const libxl_snapshot_domain *domain, const char *name,
                       libxl_domain_snapshot *snapshot) {
    return api::answer(ctx, domain, snapshot,
                       [&](auto &records, const auto &key) -> xlsnap::Result<xlsnap::SnapshotView> {
                           XLSNAP_ASSIGN(const std::string wanted, api::text_in(name, "the name"));
                           return records.get(key, wanted);
                       });
}

int libxl_snapshot_lookup(libxl_ctx *ctx, const libxl_snapshot_domain *domain, const char *name) {
    return api::guarded([&]() -> Status {
        XLSNAP_TRY(api::check_context(ctx));
        XLSNAP_ASSIGN(const std::string wanted, api::text_in(name, "the name"));
        api::Composition composition(ctx);
        XLSNAP_ASSIGN(const std::string key, api::key_of(composition, domain));
        return composition.records().check_exists(key, wanted);
    });
}

int libxl_snapshot_current(libxl_ctx *ctx, const libxl_snapshot_domain *domain,
                           libxl_domain_snapshot *snapshot) {
    return api::answer(ctx, domain, snapshot,
                       [](auto &records, const auto &key) { return records.current(key); });
}

int libxl_snapshot_parent(libxl_ctx *ctx, const libxl_snapshot_domain *domain, const char *name,
                          libxl_domain_snapshot *snapshot) {
    return api::answer(ctx, domain, snapshot,
                       [&](auto &records, const auto &key) -> xlsnap::Result<xlsnap::SnapshotView> {
                           XLSNAP_ASSIGN(const std::string wanted, api::text_in(name, "the name"));
                           return records.parent(key, wanted);
                       });
}

int libxl_snapshot_list(libxl_ctx *ctx, const libxl_snapshot_domain *domain, const char *from,
                        unsigned filter, libxl_domain_snapshot **list, int *nb) {
    return api::guarded([&]() -> Status {
        XLSNAP_TRY(api::check_place(list, "list"));
        XLSNAP_TRY(api::check_place(nb, "nb"));
        *list = nullptr;
        *nb = 0;
        XLSNAP_ASSIGN(const auto found, api::listing(ctx, domain, from, filter));
        api::fill_in(list, nb, found);
        return {};
    });
}

void libxl_domain_snapshot_list_free(libxl_domain_snapshot *list, int nb) {
    for (int i = 0; i < nb; ++i)
        libxl_domain_snapshot_dispose(&list[i]);
    std::free(list);
}

int libxl_snapshot_num(libxl_ctx *ctx, const libxl_snapshot_domain *domain, const char *from,
                       unsigned filter) {
    int count = 0;
    const int rc = api::guarded([&]() -> Status {
        XLSNAP_ASSIGN(const auto found, api::listing(ctx, domain, from, filter));
        count = static_cast<int>(found.snapshots.size() + found.broken.size());
        return {};
    });
    return rc == 0 ? count : rc;
}

int libxl_snapshot_revert(libxl_ctx *ctx, const libxl_snapshot_domain *domain, const char *name,
                          unsigned flags, int *domid_out) {
    return api::guarded([&]() -> Status {
        XLSNAP_TRY(api::check_context(ctx));
        XLSNAP_ASSIGN(const auto wish, api::revert_wish_of(flags, api::kRevertFlags));
        XLSNAP_ASSIGN(const std::string wanted, api::text_in(name, "the name"));
        api::Composition composition(ctx);
        XLSNAP_ASSIGN(const auto subject, api::subject_of(composition, domain));
        XLSNAP_ASSIGN(auto reverted, composition.catalogued().revert(subject, wanted, wish));
        return api::tell_revert(std::move(reverted), domid_out);
    });
}

int libxl_snapshot_start(libxl_ctx *ctx, const libxl_snapshot_domain *domain, const char *name,
                         unsigned flags, int *domid_out) {
    return api::guarded([&]() -> Status {
        XLSNAP_TRY(api::check_context(ctx));
        XLSNAP_ASSIGN(const auto wish, api::revert_wish_of(flags, api::kStartFlags));
        api::Composition composition(ctx);
        XLSNAP_ASSIGN(const auto subject, api::subject_of(composition, domain));
        XLSNAP_ASSIGN(auto started,
                      composition.catalogued().start(subject, name == nullptr ? "" : name, wish));
        return api::tell_revert(std::move(started), domid_out);
    });
}

int libxl_snapshot_rename(libxl_ctx *ctx, const libxl_snapshot_domain *domain, const char *name,
                          const char *new_name, unsigned flags) {
    return api::guarded([&]() -> Status {
        XLSNAP_TRY(api::check_context(ctx));
        XLSNAP_ASSIGN(const std::string from, api::text_in(name, "the name"));
        XLSNAP_ASSIGN(const std::string to, api::text_in(new_name, "the new name"));
        api::Composition composition(ctx);
        XLSNAP_ASSIGN(const std::string key, api::key_of(composition, domain));
        auto &records = composition.records();
        return api::change_records(
            flags, fmt::format("give snapshot '{}' the name '{}'", from, to),
            [&] { return records.check_rename(key, from, to); },
            [&] { return records.rename(key, from, to); });
    });
}

int libxl_snapshot_set_description(libxl_ctx *ctx, const libxl_snapshot_domain *domain,
                                   const char *name, const char *description, unsigned flags) {
    return api::guarded([&]() -> Status {
        XLSNAP_TRY(api::check_context(ctx));
        XLSNAP_ASSIGN(const std::string wanted, api::text_in(name, "the name"));
        const std::string text = description == nullptr ? "" : description;
        api::Composition composition(ctx);
        XLSNAP_ASSIGN(const std::string key, api::key_of(composition, domain));
        auto &records = composition.records();
        return api::change_records(
            flags, fmt::format("give snapshot '{}' another description", wanted),
            [&]() -> Status {
                XLSNAP_TRY(xlsnap::check_description(text));
                return records.check_exists(key, wanted);
            },
            [&] { return records.describe(key, wanted, text); });
    });
}

int libxl_snapshot_set_protected(libxl_ctx *ctx, const libxl_snapshot_domain *domain,
                                 const char *name, bool is_protected, unsigned flags) {
    return api::guarded([&]() -> Status {
        XLSNAP_TRY(api::check_context(ctx));
        XLSNAP_ASSIGN(const std::string wanted, api::text_in(name, "the name"));
        api::Composition composition(ctx);
        XLSNAP_ASSIGN(const std::string key, api::key_of(composition, domain));
        auto &records = composition.records();
        return api::change_records(
            flags,
            fmt::format("{} snapshot '{}'", is_protected ? "protect" : "no longer protect", wanted),
            [&] { return records.check_exists(key, wanted); },
            [&] { return records.protect(key, wanted, is_protected); });
    });
}

int libxl_snapshot_delete(libxl_ctx *ctx, const libxl_snapshot_domain *domain, const char *name,
                          unsigned flags) {
    return api::guarded([&]() -> Status {
        XLSNAP_TRY(api::check_context(ctx));
        XLSNAP_TRY(api::check_flags(flags, api::kDeleteFlags));
        XLSNAP_ASSIGN(const std::string wanted, api::text_in(name, "the name"));
        api::Composition composition(ctx);
        XLSNAP_ASSIGN(const auto subject, api::subject_of(composition, domain));
        XLSNAP_ASSIGN(const auto plan,
                      composition.catalogued().remove(subject, wanted, api::deletion_wish_of(flags),
                                                      api::is_set(flags, LIBXL_SNAPSHOT_DRY_RUN)));
        api::set_last_plan(plan);
        return {};
    });
}

int libxl_snapshot_deactivate(libxl_ctx *ctx, const libxl_snapshot_domain *domain, unsigned flags) {
    return api::guarded([&]() -> Status {
        XLSNAP_TRY(api::check_context(ctx));
        api::Composition composition(ctx);
        XLSNAP_ASSIGN(const std::string key, api::key_of(composition, domain));
        auto &records = composition.records();
        return api::change_records(
            flags, "no snapshot is the current one any more", [] { return Status(); },
            [&] { return records.set_current(key, {}); });
    });
}

int libxl_snapshot_set_current(libxl_ctx *ctx, const libxl_snapshot_domain *domain,
                               const char *name, unsigned flags) {
    return api::guarded([&]() -> Status {
        XLSNAP_TRY(api::check_context(ctx));
        XLSNAP_ASSIGN(const std::string wanted, api::text_in(name, "the name"));
        api::Composition composition(ctx);
        XLSNAP_ASSIGN(const std::string key, api::key_of(composition, domain));
        auto &records = composition.records();
        return api::change_records(
            flags, fmt::format("make '{}' the current snapshot", wanted),
            [&] { return records.check_exists(key, wanted); },
            [&] { return records.set_current(key, wanted); });
    });
}

int libxl_snapshot_verify(libxl_ctx *ctx, const libxl_snapshot_domain *domain, const char *name) {
    return api::guarded([&]() -> Status {
        XLSNAP_TRY(api::check_context(ctx));
        XLSNAP_ASSIGN(const std::string wanted, api::text_in(name, "the name"));
        api::Composition composition(ctx);
        XLSNAP_ASSIGN(const auto subject, api::subject_of(composition, domain));
        return composition.catalogued().verify(subject, wanted);
    });
}

int libxl_snapshot_usage(libxl_ctx *ctx, const libxl_snapshot_domain *domain, const char *name,
                         uint64_t *held_out, uint64_t *freed_out) {
    return api::guarded([&]() -> Status {
        XLSNAP_TRY(api::check_context(ctx));
        XLSNAP_ASSIGN(const std::string wanted, api::text_in(name, "the name"));
        api::Composition composition(ctx);
        XLSNAP_ASSIGN(const auto subject, api::subject_of(composition, domain));
        XLSNAP_ASSIGN(const auto usage, composition.catalogued().usage(subject, wanted));
        if (held_out != nullptr)
            *held_out = usage.held;
        if (freed_out != nullptr)
            *freed_out = usage.freed;
        return {};
    });
}

int libxl_snapshot_rebuild(libxl_ctx *ctx, const libxl_snapshot_domain *domain, unsigned flags,
                           int *nb_out) {
    return api::guarded([&]() -> Status {
        XLSNAP_TRY(api::check_context(ctx));
        XLSNAP_TRY(api::check_flags(flags, LIBXL_SNAPSHOT_DRY_RUN));
        api::Composition composition(ctx);
        XLSNAP_ASSIGN(const auto subject, api::subject_of(composition, domain));
        XLSNAP_ASSIGN(const auto rebuilt, composition.catalogued().rebuild(
                                              subject, api::is_set(flags, LIBXL_SNAPSHOT_DRY_RUN)));
        api::set_last_plan(rebuilt.plan);
        if (nb_out != nullptr)
            *nb_out = rebuilt.count;
        return {};
    });
}

int libxl_snapshot_set_root(const char *path) {
    return api::guarded([&] { return api::set_catalog_root(path == nullptr ? "" : path); });
}

const char *libxl_snapshot_plan(void) {
    return api::last_plan();
}
