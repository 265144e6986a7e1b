// SPDX-License-Identifier: LGPL-2.1-only
// The C functions: no logic, only the border between C and C++.
#include "libxl_snapshot.h"

#include <optional>
#include <thread>
#include <utility>

#include "api/arguments.hpp"
#include "api/border.hpp"
#include "api/composition.hpp"
#include "api/directories.hpp"
#include "api/logger.hpp"
#include "api/overlay_answers.hpp"

namespace xlsnap::api {

namespace {

#define SAME_CODE(ours, theirs) static_assert(static_cast<int>(ErrorCode::ours) == (theirs))
SAME_CODE(Nonspecific, ERROR_NONSPECIFIC);
SAME_CODE(Fail, ERROR_FAIL);
SAME_CODE(NotImplemented, ERROR_NI);
SAME_CODE(NoMemory, ERROR_NOMEM);
SAME_CODE(Invalid, ERROR_INVAL);
SAME_CODE(GuestTimedOut, ERROR_GUEST_TIMEDOUT);
SAME_CODE(TimedOut, ERROR_TIMEDOUT);
SAME_CODE(NotReady, ERROR_NOT_READY);
SAME_CODE(LockFail, ERROR_LOCK_FAIL);
SAME_CODE(DomainNotFound, ERROR_DOMAIN_NOTFOUND);
SAME_CODE(Aborted, ERROR_ABORTED);
SAME_CODE(NotFound, ERROR_NOTFOUND);
SAME_CODE(DomainDestroyed, ERROR_DOMAIN_DESTROYED);
SAME_CODE(ProtocolErrorQmp, ERROR_PROTOCOL_ERROR_QMP);
SAME_CODE(UnknownQmpError, ERROR_UNKNOWN_QMP_ERROR);
SAME_CODE(QmpGenericError, ERROR_QMP_GENERIC_ERROR);
SAME_CODE(QmpCommandNotFound, ERROR_QMP_COMMAND_NOT_FOUND);
SAME_CODE(QmpDeviceNotActive, ERROR_QMP_DEVICE_NOT_ACTIVE);
SAME_CODE(QmpDeviceNotFound, ERROR_QMP_DEVICE_NOT_FOUND);
#undef SAME_CODE

using DomainOrNone = std::optional<DomainId>; // nothing: an inactive domain

Status create(libxl_ctx *ctx, const DomainOrNone &id, const SnapshotRequest &request) {
    Composition composition(ctx);
    return id ? composition.service().create(*id, request) : composition.inactive().create(request);
}

// The overlays that the caller gave no path. A domain that cannot be looked at is refused by
// create, which looks again.
void settle_overlays(libxl_ctx *ctx, const DomainOrNone &id, SnapshotRequest &request) {
    if (!lacks_overlay(request))
        return;
    const OverlayPlaces places{overlay_directory()};
    if (!id) {
        name_overlays(request, nullptr, places);
        return;
    }
    Composition composition(ctx);
    if (const auto domain = composition.toolstack().inspect(*id))
        name_overlays(request, &*domain, places);
}

Status remove(libxl_ctx *ctx, const DomainOrNone &id, const SnapshotRequest &request) {
    Composition composition(ctx);
    return composition.removal().remove(id, request);
}

// `domid_out` is not written for an inactive domain.
Status revert(libxl_ctx *ctx, const DomainOrNone &id, const SnapshotRequest &request,
              uint32_t &domid_out, const RevertOptions &options = {}) {
    Composition composition(ctx);
    if (!id)
        return composition.inactive().revert(request);
    XLSNAP_ASSIGN(Reverted reverted, composition.service().revert(*id, request, options));
    domid_out = reverted.domid;
    return std::move(reverted.closing);
}

int revert_domain(libxl_ctx *ctx, int domid, const libxl_domain_snapshot_args *snapshot,
                  uint32_t *domid_out, const RevertOptions &options) noexcept {
    return guarded([&]() -> Status {
        XLSNAP_TRY(check_context(ctx));
        XLSNAP_ASSIGN(const SnapshotRequest request, request_of(snapshot));
        if (domid_out == nullptr)
            return fail(ErrorCode::Invalid, "domid_out is NULL; pass the place for the new domid, "
                                            "or call libxl_domain_snapshot_revert");
        XLSNAP_ASSIGN(const DomainOrNone id, domain_id(domid));
        return revert(ctx, id, request, *domid_out, options);
    });
}

Status check_how(const libxl_asyncop_how *ao_how) {
    if (ao_how == nullptr || ao_how->callback != nullptr)
        return {};
    return fail(ErrorCode::NotImplemented,
                "events are not implemented; give ao_how a callback, or pass NULL for it");
}

// Runs `operation` now, or on a thread of its own that calls back with its outcome. What can be
// said against the arguments was said before.
template <typename Operation>
Status run_as_asked(libxl_ctx *ctx, const libxl_asyncop_how *ao_how, Operation operation) {
    if (ao_how == nullptr)
        return operation();
    std::thread([ctx, how = *ao_how, operation] {
        const int rc = guarded(operation);
        how.callback(ctx, rc, how.u.for_callback);
    }).detach();
    return {};
}

} // namespace

} // namespace xlsnap::api

namespace border = xlsnap::api;

int libxl_domain_snapshot_create(libxl_ctx *ctx, int domid, libxl_domain_snapshot_args *snapshot,
                                 bool live) {
    return border::guarded([&]() -> xlsnap::Status {
        XLSNAP_TRY(border::check_context(ctx));
        XLSNAP_ASSIGN(auto request, border::request_of(snapshot));
        request.live = live;
        XLSNAP_ASSIGN(const auto id, border::domain_id(domid));
        border::settle_overlays(ctx, id, request);
        border::OverlayAnswers answers(snapshot->disks, request);
        XLSNAP_TRY(border::create(ctx, id, request));
        answers.hand_over(snapshot->disks);
        return {};
    });
}

int libxl_domain_snapshot_delete(libxl_ctx *ctx, int domid, libxl_domain_snapshot_args *snapshot) {
    return border::guarded([&]() -> xlsnap::Status {
        XLSNAP_TRY(border::check_context(ctx));
        XLSNAP_ASSIGN(const auto request, border::request_of(snapshot));
        XLSNAP_ASSIGN(const auto id, border::domain_id(domid));
        return border::remove(ctx, id, request);
    });
}

int libxl_domain_snapshot_revert(libxl_ctx *ctx, int domid, libxl_domain_snapshot_args *snapshot) {
    uint32_t ignored = 0;
    return border::revert_domain(ctx, domid, snapshot, &ignored, {});
}

int libxl_domain_snapshot_revert_domid(libxl_ctx *ctx, int domid,
                                       libxl_domain_snapshot_args *snapshot, uint32_t *domid_out) {
    return border::revert_domain(ctx, domid, snapshot, domid_out, {});
}

int libxl_domain_snapshot_revert_paused(libxl_ctx *ctx, int domid,
                                        libxl_domain_snapshot_args *snapshot, uint32_t *domid_out) {
    return border::revert_domain(ctx, domid, snapshot, domid_out,
                                 {.after = xlsnap::AfterRevert::Paused});
}

int libxl_domain_snapshot_revert_managed(libxl_ctx *ctx, int domid,
                                         libxl_domain_snapshot_args *snapshot,
                                         uint32_t *domid_out) {
    return border::revert_domain(ctx, domid, snapshot, domid_out, {.managed_too = true});
}

int libxl_disk_snapshot_create(libxl_ctx *ctx, int domid, libxl_disk_snapshot *snapshot, int nb,
                               const libxl_asyncop_how *ao_how) {
    return border::guarded([&]() -> xlsnap::Status {
        XLSNAP_TRY(border::check_context(ctx));
        XLSNAP_ASSIGN(auto request, border::request_of(snapshot, nb));
        XLSNAP_ASSIGN(const auto id, border::domain_id(domid));
        XLSNAP_TRY(border::check_how(ao_how));
        border::settle_overlays(ctx, id, request);
        border::OverlayAnswers answers(snapshot, request);
        if (ao_how != nullptr)
            answers.hand_over(snapshot); // the callback may free it
        XLSNAP_TRY(
            border::run_as_asked(ctx, ao_how, [=] { return border::create(ctx, id, request); }));
        if (ao_how == nullptr)
            answers.hand_over(snapshot);
        return {};
    });
}

int libxl_disk_snapshot_delete(libxl_ctx *ctx, int domid, libxl_disk_snapshot *snapshot, int nb) {
    return border::guarded([&]() -> xlsnap::Status {
        XLSNAP_TRY(border::check_context(ctx));
        XLSNAP_ASSIGN(const auto request, border::request_of(snapshot, nb));
        XLSNAP_ASSIGN(const auto id, border::domain_id(domid));
        return border::remove(ctx, id, request);
    });
}

int libxl_disk_snapshot_revert(libxl_ctx *ctx, int domid, libxl_disk_snapshot *snapshot, int nb,
                               const libxl_asyncop_how *ao_how) {
    return border::guarded([&]() -> xlsnap::Status {
        XLSNAP_TRY(border::check_context(ctx));
        XLSNAP_ASSIGN(const auto request, border::request_of(snapshot, nb));
        XLSNAP_ASSIGN(const auto id, border::domain_id(domid));
        XLSNAP_TRY(border::check_how(ao_how));
        return border::run_as_asked(ctx, ao_how, [=] {
            uint32_t ignored = 0;
            return border::revert(ctx, id, request, ignored);
        });
    });
}

int libxl_snapshot_monitor(libxl_ctx *ctx, uint32_t domid) {
    return border::guarded([&]() -> xlsnap::Status {
        XLSNAP_TRY(border::check_context(ctx));
        if (domid == 0)
            return xlsnap::fail(xlsnap::ErrorCode::Invalid, "domain 0 is watched by nobody");
        border::Composition composition(ctx);
        return composition.monitor().watch(domid);
    });
}

const char *libxl_snapshot_last_error(void) {
    return border::last_error();
}

void libxl_snapshot_set_logger(xentoollog_logger *logger) {
    border::set_logger(logger);
}
