// SPDX-License-Identifier: LGPL-2.1-only
// The C functions that make, use, delete and rebuild snapshots with records.
#include "libxl_snapshot.h"

#include <string>
#include <utility>

#include "api/answers.hpp"
#include "api/border.hpp"
#include "api/domain_call.hpp"
#include "api/wishes.hpp"

namespace xlsnap::api {

namespace {

Status tell_revert(RevertedSnapshot reverted, int *domid_out) {
    set_last_plan(reverted.plan);
    if (domid_out != nullptr)
        *domid_out = reverted.domid ? static_cast<int>(*reverted.domid) : -1;
    return std::move(reverted.closing);
}

} // namespace

} // namespace xlsnap::api

namespace api = xlsnap::api;
using xlsnap::Status;

int libxl_snapshot_create(libxl_ctx *ctx, const libxl_snapshot_domain *domain,
                          libxl_domain_snapshot *snapshot, unsigned flags) {
    return api::guarded([&]() -> Status {
        XLSNAP_ASSIGN(const auto wish, api::create_wish_of(snapshot, flags));
        XLSNAP_ASSIGN(const auto call, api::open_call(ctx, domain));
        XLSNAP_ASSIGN(auto created, call.composition->catalogued().create(call.subject, wish));
        api::set_last_plan(created.plan);
        if (wish.dry_run)
            return {};
        libxl_domain_snapshot_dispose(snapshot);
        libxl_domain_snapshot_init(snapshot);
        api::fill_in(*snapshot, {created.record, created.parent, true});
        return std::move(created.closing);
    });
}

int libxl_snapshot_revert(libxl_ctx *ctx, const libxl_snapshot_domain *domain, const char *name,
                          unsigned flags, int *domid_out) {
    return api::guarded([&]() -> Status {
        XLSNAP_ASSIGN(const auto wish, api::revert_wish_of(flags));
        XLSNAP_ASSIGN(const std::string wanted, api::text_in(name, "the name"));
        XLSNAP_ASSIGN(const auto call, api::open_call(ctx, domain));
        XLSNAP_ASSIGN(auto reverted,
                      call.composition->catalogued().revert(call.subject, wanted, wish));
        return api::tell_revert(std::move(reverted), domid_out);
    });
}

int libxl_snapshot_start(libxl_ctx *ctx, const libxl_snapshot_domain *domain, const char *name,
                         unsigned flags, int *domid_out) {
    return api::guarded([&]() -> Status {
        XLSNAP_ASSIGN(const auto wish, api::start_wish_of(flags));
        XLSNAP_ASSIGN(const auto call, api::open_call(ctx, domain));
        XLSNAP_ASSIGN(auto started, call.composition->catalogued().start(
                                        call.subject, name == nullptr ? "" : name, wish));
        return api::tell_revert(std::move(started), domid_out);
    });
}

int libxl_snapshot_delete(libxl_ctx *ctx, const libxl_snapshot_domain *domain, const char *name,
                          unsigned flags) {
    return api::guarded([&]() -> Status {
        XLSNAP_ASSIGN(const auto wish, api::deletion_wish_of(flags));
        XLSNAP_ASSIGN(const std::string wanted, api::text_in(name, "the name"));
        XLSNAP_ASSIGN(const auto call, api::open_call(ctx, domain));
        XLSNAP_ASSIGN(const auto plan,
                      call.composition->catalogued().remove(
                          call.subject, wanted, wish, api::is_set(flags, LIBXL_SNAPSHOT_DRY_RUN)));
        api::set_last_plan(plan);
        return {};
    });
}

int libxl_snapshot_rebuild(libxl_ctx *ctx, const libxl_snapshot_domain *domain, unsigned flags,
                           int *nb_out) {
    return api::guarded([&]() -> Status {
        XLSNAP_TRY(api::check_flags(flags, LIBXL_SNAPSHOT_DRY_RUN));
        XLSNAP_ASSIGN(const auto call, api::open_call(ctx, domain));
        XLSNAP_ASSIGN(const auto rebuilt,
                      call.composition->catalogued().rebuild(
                          call.subject, api::is_set(flags, LIBXL_SNAPSHOT_DRY_RUN)));
        api::set_last_plan(rebuilt.plan);
        if (nb_out != nullptr)
            *nb_out = rebuilt.count;
        return {};
    });
}

const char *libxl_snapshot_plan(void) {
    return api::last_plan();
}
