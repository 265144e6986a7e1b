// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/libxl/toolstack.hpp"

#include <algorithm>
#include <thread>

#include <fmt/format.h>

#include "adapters/libxl/domain_config.hpp"
#include "adapters/libxl/libxl_failure.hpp"

namespace xlsnap {

namespace {

// Xen counts pauses and allows so many (domain_pause_by_systemcontroller in xen/common/domain.c).
constexpr int kMostPauses = 255;

constexpr const char *kCannotList = "cannot list the domains (are you root in dom0?)";

RunState run_state(const libxl_dominfo &info) {
    if (info.dying)
        return RunState::Dying;
    if (info.shutdown && info.shutdown_reason == LIBXL_SHUTDOWN_REASON_SUSPEND)
        return RunState::Suspended;
    if (info.shutdown)
        return RunState::Shutdown;
    return info.paused ? RunState::Paused : RunState::Running;
}

} // namespace

Result<LibxlToolstack::Execution> LibxlToolstack::execution(DomainId domid) {
    LibxlDominfo info;
    const int rc = libxl_domain_info(ctx_, info.get(), domid);
    if (rc == ERROR_DOMAIN_NOTFOUND)
        return fail(ErrorCode::DomainNotFound,
                    fmt::format("there is no domain {}; xl list shows those there are", domid));
    if (rc != 0)
        return fail(
            libxl_failure(rc, fmt::format("look at domain {}", domid), "are you root in dom0?"));
    constexpr std::uint64_t kib = 1024;
    return Execution{run_state(*info.get()), info->paused, info->blocked, info->current_memkb * kib,
                     uuid_text(info->uuid)};
}

Result<std::vector<KnownDomain>> LibxlToolstack::list() {
    int count = 0;
    libxl_dominfo *infos = libxl_list_domain(ctx_, &count);
    if (infos == nullptr)
        return fail(ErrorCode::Fail, kCannotList);
    std::vector<KnownDomain> domains;
    for (int i = 0; i < count; ++i) {
        if (infos[i].domid == 0)
            continue;
        const MallocedText name(libxl_domid_to_name(ctx_, infos[i].domid));
        domains.push_back({infos[i].domid, uuid_text(infos[i].uuid), name ? name.get() : ""});
    }
    libxl_dominfo_list_free(infos, count);
    return domains;
}

// libxl_domain_info would tell too, but since Xen 4.18 it logs an error when the domain is gone
// (tools/libs/light/libxl_domain.c in xen.git), which is nothing to complain of after a destroy.
Result<bool> LibxlToolstack::exists(DomainId domid) {
    int count = 0;
    libxl_dominfo *list = libxl_list_domain(ctx_, &count);
    if (list == nullptr)
        return fail(ErrorCode::Fail, kCannotList);
    const bool found = std::any_of(
        list, list + count, [domid](const libxl_dominfo &info) { return info.domid == domid; });
    libxl_dominfo_list_free(list, count);
    return found;
}

std::string LibxlToolstack::describe(DomainId domid) {
    const MallocedText name(libxl_domid_to_name(ctx_, domid));
    if (name == nullptr)
        return fmt::format("domain {}", domid);
    return fmt::format("domain {} ({})", name.get(), domid);
}

Result<RunState> LibxlToolstack::state(DomainId domid) {
    XLSNAP_ASSIGN(const Execution now, execution(domid));
    return now.state;
}

// Xen counts pauses: a second one would outlast the user's next `xl unpause`.
Status LibxlToolstack::pause(DomainId domid) {
    XLSNAP_ASSIGN(const Execution now, execution(domid));
    if (now.paused)
        return {};
    const int rc = libxl_domain_pause(ctx_, domid, nullptr);
    if (rc != 0)
        return fail(libxl_failure(rc, "pause " + describe(domid), "it goes on as it was"));
    return {};
}

Status LibxlToolstack::unpause(DomainId domid) {
    for (int i = 0; i <= kMostPauses; ++i) {
        XLSNAP_ASSIGN(const Execution now, execution(domid));
        if (!now.paused)
            return {};
        const int rc = libxl_domain_unpause(ctx_, domid, nullptr);
        if (rc != 0)
            return fail(
                libxl_failure(rc, "unpause " + describe(domid), "it stays paused; try xl unpause"));
    }
    return fail(ErrorCode::Fail, fmt::format("{} is paused again as soon as it is unpaused; "
                                             "another program holds it",
                                             describe(domid)));
}

Status LibxlToolstack::destroy(DomainId domid) {
    const std::string who = describe(domid);
    const int rc = libxl_domain_destroy(ctx_, domid, nullptr);
    if (rc != 0) {
        // libxl has more than one code for a domain that is gone.
        if (const auto there = exists(domid); there && !*there)
            return {};
        return fail(libxl_failure(rc, "destroy " + who, "try xl destroy, and see libxl's log"));
    }
    const auto deadline = std::chrono::steady_clock::now() + deadlines_.disappearance;
    for (;;) {
        XLSNAP_ASSIGN(const bool there, exists(domid));
        if (!there)
            return {};
        if (std::chrono::steady_clock::now() >= deadline)
            return fail(ErrorCode::TimedOut,
                        fmt::format("{} is destroyed but does not disappear: some process still "
                                    "maps its memory (its QEMU, or a back end)",
                                    who));
        std::this_thread::sleep_for(deadlines_.poll_interval);
    }
}

} // namespace xlsnap
