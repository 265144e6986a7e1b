// SPDX-License-Identifier: LGPL-2.1-only
// The C functions that look at snapshots and change nothing.
#include "libxl_snapshot.h"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "api/answers.hpp"
#include "api/border.hpp"
#include "api/domain_call.hpp"
#include "api/wishes.hpp"
#include "core/refusals.hpp"

namespace xlsnap::api {

namespace {

// What a function with one snapshot as its answer does: `look(records, key)` gives a SnapshotView.
template <typename Look>
int answer(libxl_ctx *ctx, const libxl_snapshot_domain *domain, libxl_domain_snapshot *snapshot,
           Look look) {
    return guarded([&]() -> Status {
        XLSNAP_TRY(check_place(snapshot, "the snapshot"));
        XLSNAP_ASSIGN(const DomainCall call, open_call(ctx, domain));
        XLSNAP_ASSIGN(const SnapshotView view, look(call.composition->records(), call.subject.key));
        fill_in(*snapshot, view);
        return {};
    });
}

Result<SnapshotListing> listing(libxl_ctx *ctx, const libxl_snapshot_domain *domain,
                                const char *from, unsigned filter) {
    XLSNAP_ASSIGN(const SnapshotFilter wanted, filter_of(filter));
    XLSNAP_ASSIGN(const DomainCall call, open_call(ctx, domain));
    return call.composition->records().list(call.subject.key, from == nullptr ? "" : from, wanted);
}

// Into two arrays of as many numbers; each reason why one is missing, once.
Status tell_usages(const std::vector<Result<StorageUsage>> &usages, uint64_t *held_out,
                   uint64_t *freed_out) {
    Refusals refusals;
    for (std::size_t i = 0; i < usages.size(); ++i) {
        if (!usages[i]) {
            refusals.add(fail(usages[i].error()));
            continue;
        }
        held_out[i] = usages[i]->held;
        freed_out[i] = usages[i]->freed;
    }
    return refusals.status();
}

} // namespace

} // namespace xlsnap::api

namespace api = xlsnap::api;
using xlsnap::Status;

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
        XLSNAP_ASSIGN(const std::string wanted, api::text_in(name, "the name"));
        XLSNAP_ASSIGN(const auto call, api::open_call(ctx, domain));
        return call.composition->records().check_exists(call.subject.key, wanted);
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
        XLSNAP_ASSIGN(auto found, api::listing(ctx, domain, from, filter));
        api::fill_in(list, nb, std::move(found));
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

int libxl_snapshot_verify(libxl_ctx *ctx, const libxl_snapshot_domain *domain, const char *name) {
    return api::guarded([&]() -> Status {
        XLSNAP_ASSIGN(const std::string wanted, api::text_in(name, "the name"));
        XLSNAP_ASSIGN(const auto call, api::open_call(ctx, domain));
        return call.composition->catalogued().verify(call.subject, wanted);
    });
}

int libxl_snapshot_usage(libxl_ctx *ctx, const libxl_snapshot_domain *domain, const char *name,
                         uint64_t *held_out, uint64_t *freed_out) {
    return api::guarded([&]() -> Status {
        XLSNAP_ASSIGN(const std::string wanted, api::text_in(name, "the name"));
        XLSNAP_ASSIGN(const auto call, api::open_call(ctx, domain));
        XLSNAP_ASSIGN(const auto usage,
                      call.composition->catalogued().usage(call.subject, {wanted}).at(0));
        if (held_out != nullptr)
            *held_out = usage.held;
        if (freed_out != nullptr)
            *freed_out = usage.freed;
        return {};
    });
}

int libxl_snapshot_usage_list(libxl_ctx *ctx, const libxl_snapshot_domain *domain,
                              const char *const *names, int nb, uint64_t *held_out,
                              uint64_t *freed_out) {
    return api::guarded([&]() -> Status {
        XLSNAP_ASSIGN(const std::vector<std::string> wanted, api::names_in(names, nb));
        if (wanted.empty())
            return {};
        XLSNAP_TRY(api::check_place(held_out, "held_out"));
        XLSNAP_TRY(api::check_place(freed_out, "freed_out"));
        std::fill_n(held_out, nb, LIBXL_SNAPSHOT_USAGE_UNKNOWN);
        std::fill_n(freed_out, nb, LIBXL_SNAPSHOT_USAGE_UNKNOWN);
        XLSNAP_ASSIGN(const auto call, api::open_call(ctx, domain));
        const auto usages = call.composition->catalogued().usage(call.subject, wanted);
        return api::tell_usages(usages, held_out, freed_out);
    });
}
