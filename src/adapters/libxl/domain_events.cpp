// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/libxl/domain_events.hpp"

#include <utility>

#include <fmt/format.h>

#include "adapters/libxl/libxl_failure.hpp"

namespace xlsnap {

namespace {

ShutdownReason reason_of(int reason) {
    switch (reason) {
    case LIBXL_SHUTDOWN_REASON_POWEROFF:
        return ShutdownReason::Poweroff;
    case LIBXL_SHUTDOWN_REASON_REBOOT:
        return ShutdownReason::Reboot;
    case LIBXL_SHUTDOWN_REASON_SUSPEND:
        return ShutdownReason::Suspend;
    case LIBXL_SHUTDOWN_REASON_CRASH:
        return ShutdownReason::Crash;
    case LIBXL_SHUTDOWN_REASON_WATCHDOG:
        return ShutdownReason::Watchdog;
    case LIBXL_SHUTDOWN_REASON_SOFT_RESET:
        return ShutdownReason::SoftReset;
    default:
        return ShutdownReason::Unknown;
    }
}

} // namespace

LibxlDomainEvents::~LibxlDomainEvents() {
    if (generator_ != nullptr)
        libxl_evdisable_domain_death(ctx_, generator_);
}

// A generator tells one shutdown, and then only the death: each wait has a new one. The old one
// goes after the new one is there, since a xenstore watch that is set anew fires at once and would
// tell a domain that is still suspended without end ("xl: Keep monitoring suspended domain",
// xen.git).
Status LibxlDomainEvents::enable(DomainId domid) {
    libxl_evgen_domain_death *old = std::exchange(generator_, nullptr);
    const int rc = libxl_evenable_domain_death(ctx_, domid, 0, &generator_);
    if (old != nullptr)
        libxl_evdisable_domain_death(ctx_, old);
    if (rc != 0)
        return fail(libxl_failure(rc, fmt::format("watch domain {}", domid),
                                  "are you root in the control domain?"));
    return {};
}

// A generator tells what happens from now on, except for the first one of a ctx. A domain that is
// suspended has been told so, or goes on soon.
Result<LibxlDomainEvents::Told> LibxlDomainEvents::happened_already(DomainId domid) {
    LibxlDominfo info;
    const int rc = libxl_domain_info(ctx_, info.get(), domid);
    if (rc == ERROR_DOMAIN_NOTFOUND)
        return Told(std::optional<ShutdownReason>());
    if (rc != 0)
        return fail(libxl_failure(rc, fmt::format("look at domain {}", domid),
                                  "are you root in the control domain?"));
    const ShutdownReason reason = reason_of(info->shutdown_reason);
    if (!info->shutdown || info->dying || reason == ShutdownReason::Suspend)
        return Told();
    return Told(reason);
}

Result<std::optional<ShutdownReason>> LibxlDomainEvents::next_shutdown(DomainId domid) {
    constexpr std::uint64_t ends = (std::uint64_t{1} << LIBXL_EVENT_TYPE_DOMAIN_SHUTDOWN) |
                                   (std::uint64_t{1} << LIBXL_EVENT_TYPE_DOMAIN_DEATH);
    XLSNAP_TRY(enable(domid));
    XLSNAP_ASSIGN(const Told told, happened_already(domid));
    if (told)
        return *told;
    for (;;) {
        libxl_event *event = nullptr;
        const int rc = libxl_event_wait(ctx_, &event, ends, nullptr, nullptr);
        if (rc != 0)
            return fail(libxl_failure(rc, fmt::format("wait for domain {}", domid),
                                      "libxl's log says why"));
        const libxl_event_type type = event->type;
        const bool ours = event->domid == domid; // not a late one of the domain before
        const auto reason = reason_of(event->u.domain_shutdown.shutdown_reason);
        libxl_event_free(ctx_, event);
        if (!ours)
            continue;
        if (type == LIBXL_EVENT_TYPE_DOMAIN_DEATH)
            return std::optional<ShutdownReason>();
        return std::optional(reason);
    }
}

} // namespace xlsnap
