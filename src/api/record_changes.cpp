// SPDX-License-Identifier: LGPL-2.1-only
// The C functions that change records alone.
#include "libxl_snapshot.h"

#include <string>

#include <fmt/format.h>

#include "api/border.hpp"
#include "api/domain_call.hpp"
#include "api/wishes.hpp"
#include "core/snapshot_description.hpp"

namespace xlsnap::api {

namespace {

// Both get the domain's records and its key. `act` changes them; in a dry run `check` says whether
// that would be refused, and `plan` what it would do.
template <typename Check, typename Act>
Status change_records(libxl_ctx *ctx, const libxl_snapshot_domain *domain, unsigned flags,
                      const std::string &plan, Check check, Act act) {
    XLSNAP_TRY(check_flags(flags, LIBXL_SNAPSHOT_DRY_RUN));
    XLSNAP_ASSIGN(const DomainCall call, open_call(ctx, domain));
    if (!is_set(flags, LIBXL_SNAPSHOT_DRY_RUN))
        return act(call.composition->records(), call.subject.key);
    XLSNAP_TRY(check(call.composition->records(), call.subject.key));
    set_last_plan({plan});
    return {};
}

} // namespace

} // namespace xlsnap::api

namespace api = xlsnap::api;
using xlsnap::Status;

int libxl_snapshot_rename(libxl_ctx *ctx, const libxl_snapshot_domain *domain, const char *name,
                          const char *new_name, unsigned flags) {
    return api::guarded([&]() -> Status {
        XLSNAP_ASSIGN(const std::string from, api::text_in(name, "the name"));
        XLSNAP_ASSIGN(const std::string to, api::text_in(new_name, "the new name"));
        return api::change_records(
            ctx, domain, flags, fmt::format("give snapshot '{}' the name '{}'", from, to),
            [&](auto &records, const auto &key) { return records.check_rename(key, from, to); },
            [&](auto &records, const auto &key) { return records.rename(key, from, to); });
    });
}

int libxl_snapshot_set_description(libxl_ctx *ctx, const libxl_snapshot_domain *domain,
                                   const char *name, const char *description, unsigned flags) {
    return api::guarded([&]() -> Status {
        XLSNAP_ASSIGN(const std::string wanted, api::text_in(name, "the name"));
        const std::string text = description == nullptr ? "" : description;
        return api::change_records(
            ctx, domain, flags, fmt::format("give snapshot '{}' another description", wanted),
            [&](auto &records, const auto &key) -> Status {
                XLSNAP_TRY(xlsnap::check_description(text));
                return records.check_exists(key, wanted);
            },
            [&](auto &records, const auto &key) { return records.describe(key, wanted, text); });
    });
}

int libxl_snapshot_set_protected(libxl_ctx *ctx, const libxl_snapshot_domain *domain,
                                 const char *name, bool is_protected, unsigned flags) {
    return api::guarded([&]() -> Status {
        XLSNAP_ASSIGN(const std::string wanted, api::text_in(name, "the name"));
        return api::change_records(
            ctx, domain, flags,
            fmt::format("{} snapshot '{}'", is_protected ? "protect" : "no longer protect", wanted),
            [&](auto &records, const auto &key) { return records.check_exists(key, wanted); },
            [&](auto &records, const auto &key) {
                return records.protect(key, wanted, is_protected);
            });
    });
}

int libxl_snapshot_deactivate(libxl_ctx *ctx, const libxl_snapshot_domain *domain, unsigned flags) {
    return api::guarded([&]() -> Status {
        return api::change_records(
            ctx, domain, flags, "no snapshot is the current one any more",
            [](auto &, const auto &) { return Status(); },
            [&](auto &records, const auto &key) { return records.set_current(key, {}); });
    });
}

int libxl_snapshot_set_current(libxl_ctx *ctx, const libxl_snapshot_domain *domain,
                               const char *name, unsigned flags) {
    return api::guarded([&]() -> Status {
        XLSNAP_ASSIGN(const std::string wanted, api::text_in(name, "the name"));
        return api::change_records(
            ctx, domain, flags, fmt::format("make '{}' the current snapshot", wanted),
            [&](auto &records, const auto &key) { return records.check_exists(key, wanted); },
            [&](auto &records, const auto &key) { return records.set_current(key, wanted); });
    });
}
