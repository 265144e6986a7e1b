// SPDX-License-Identifier: LGPL-2.1-only
// The C functions: no logic, only the border between C and C++.
#include "libxl_snapshot.h"

#include <exception>
#include <new>

#include "api/arguments.hpp"
#include "api/composition.hpp"
#include "api/last_error.hpp"
#include "api/logger.hpp"

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

// Runs `operation`, which returns a Status, and turns its outcome into what C sees.
template <typename Operation> int guarded(Operation &&operation) noexcept {
    clear_last_error();
    try {
        const Status status = operation();
        return status ? 0 : set_last_error(status.error());
    } catch (const std::bad_alloc &) {
        return set_last_error(Error{ErrorCode::NoMemory, "out of memory"});
    } catch (const std::exception &exception) {
        return set_last_error(Error{ErrorCode::Fail, exception.what()});
    }
}

Status check_context(const libxl_ctx *ctx) {
    if (ctx == nullptr)
        return fail(ErrorCode::Invalid, "the libxl context is NULL");
    return {};
}

Status check_synchronous(const libxl_asyncop_how *ao_how) {
    if (ao_how != nullptr)
        return fail(ErrorCode::NotImplemented,
                    "asynchronous calls are not implemented yet; pass NULL for ao_how");
    return {};
}

Status create(libxl_ctx *ctx, int domid, Result<SnapshotRequest> request) {
    XLSNAP_TRY(check_context(ctx));
    XLSNAP_ASSIGN(const DomainId id, domain_id(domid));
    XLSNAP_TRY(request);
    return Composition(ctx).service().create(id, *request);
}

Status remove(libxl_ctx *ctx, int domid, Result<SnapshotRequest> request) {
    XLSNAP_TRY(check_context(ctx));
    XLSNAP_ASSIGN(const DomainId id, domain_id(domid));
    XLSNAP_TRY(request);
    return Composition(ctx).service().remove(id, *request);
}

Status revert(libxl_ctx *ctx, int domid, Result<SnapshotRequest> request, uint32_t *domid_out,
              AfterRevert after) {
    XLSNAP_TRY(check_context(ctx));
    XLSNAP_ASSIGN(const DomainId id, domain_id(domid));
    XLSNAP_TRY(request);
    if (domid_out == nullptr)
        return fail(ErrorCode::Invalid, "domid_out is NULL");
    XLSNAP_ASSIGN(Reverted reverted, Composition(ctx).service().revert(id, *request, after));
    *domid_out = reverted.domid;
    return std::move(reverted.closing);
}

Status check_not_live(bool live) {
    if (live)
        return fail(ErrorCode::NotImplemented,
                    "live snapshots are not implemented yet; ask for live=false");
    return {};
}

} // namespace

} // namespace xlsnap::api

namespace border = xlsnap::api;

int libxl_domain_snapshot_create(libxl_ctx *ctx, int domid, libxl_domain_snapshot_args *snapshot,
                                 bool live) {
    return border::guarded([&]() -> xlsnap::Status {
        XLSNAP_TRY(border::check_not_live(live));
        return border::create(ctx, domid, border::request_of(snapshot));
    });
}

int libxl_domain_snapshot_delete(libxl_ctx *ctx, int domid, libxl_domain_snapshot_args *snapshot) {
    return border::guarded(
        [&] { return border::remove(ctx, domid, border::request_of(snapshot)); });
}

int libxl_domain_snapshot_revert(libxl_ctx *ctx, int domid, libxl_domain_snapshot_args *snapshot) {
    uint32_t ignored = 0;
    return libxl_domain_snapshot_revert_domid(ctx, domid, snapshot, &ignored);
}

int libxl_domain_snapshot_revert_domid(libxl_ctx *ctx, int domid,
                                       libxl_domain_snapshot_args *snapshot, uint32_t *domid_out) {
    return border::guarded([&] {
        return border::revert(ctx, domid, border::request_of(snapshot), domid_out,
                              xlsnap::AfterRevert::AsBefore);
    });
}

int libxl_domain_snapshot_revert_paused(libxl_ctx *ctx, int domid,
                                        libxl_domain_snapshot_args *snapshot, uint32_t *domid_out) {
    return border::guarded([&] {
        return border::revert(ctx, domid, border::request_of(snapshot), domid_out,
                              xlsnap::AfterRevert::Paused);
    });
}

int libxl_disk_snapshot_create(libxl_ctx *ctx, int domid, libxl_disk_snapshot *snapshot, int nb,
                               const libxl_asyncop_how *ao_how) {
    return border::guarded([&]() -> xlsnap::Status {
        XLSNAP_TRY(border::check_synchronous(ao_how));
        return border::create(ctx, domid, border::request_of(snapshot, nb));
    });
}

int libxl_disk_snapshot_delete(libxl_ctx *ctx, int domid, libxl_disk_snapshot *snapshot, int nb) {
    return border::guarded(
        [&] { return border::remove(ctx, domid, border::request_of(snapshot, nb)); });
}

int libxl_disk_snapshot_revert(libxl_ctx *ctx, int domid, libxl_disk_snapshot *snapshot, int nb,
                               const libxl_asyncop_how *ao_how) {
    return border::guarded([&]() -> xlsnap::Status {
        XLSNAP_TRY(border::check_synchronous(ao_how));
        uint32_t ignored = 0;
        return border::revert(ctx, domid, border::request_of(snapshot, nb), &ignored,
                              xlsnap::AfterRevert::AsBefore);
    });
}

const char *libxl_snapshot_last_error(void) {
    return border::last_error();
}

void libxl_snapshot_set_logger(xentoollog_logger *logger) {
    border::set_logger(logger);
}
