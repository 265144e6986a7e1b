// SPDX-License-Identifier: LGPL-2.1-only
#include "engine/domain_monitor.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "engine/closed_images.hpp"

namespace xlsnap {

namespace {

// How long a process that is about to leave may take for it. xl's leaves as soon as it notices the
// suspend, ours as soon as it notices the destruction of its domain.
constexpr std::chrono::seconds kTakeOverDeadline{10};

// The QEMU of a preserved domain keeps its images open. It writes no guest's data any more, but
// still what it remembers of a format's tables: only raw images may be opened by a second one.
Status can_start_beside_preserved(const Domain &domain) {
    for (const Disk &disk : domain.disks)
        if (disk.writable && disk.backend == DiskBackend::Qdisk && disk.format != DiskFormat::Raw)
            return fail(
                ErrorCode::Fail,
                fmt::format("it is neither renamed nor started again, since two QEMUs would "
                            "write {}: destroy the domain, then start it by xl create",
                            disk.path));
    return {};
}

} // namespace

Status DomainMonitor::watch(DomainId domid) {
    XLSNAP_ASSIGN(Domain domain,
                  toolstack_.inspect(domid).with_context(fmt::format("domain {}", domid)));
    if (domain.managed_by_libvirt)
        return fail(ErrorCode::Invalid,
                    fmt::format("libvirt manages domain {} and watches it itself", domain.name));
    const std::string who = "domain " + domain.name;
    XLSNAP_ASSIGN(const std::unique_ptr<Watch> watch, take_over(domain).with_context(who));
    return watch ? follow(std::move(domain), *watch).with_context(who) : Status();
}

// xl's process comes last: it may leave, while one of ours that stays makes waiting for it useless.
Result<std::unique_ptr<Watch>> DomainMonitor::take_over(const Domain &domain) {
    XLSNAP_ASSIGN(std::unique_ptr<Watch> watch,
                  watchers_.claim(domain.uuid, domain.domid, kTakeOverDeadline));
    if (!watch) {
        log_.info(fmt::format("domain {} ({}): another process of xlsnap watches it", domain.name,
                              domain.domid));
        return watch;
    }
    XLSNAP_ASSIGN(const std::optional<int> xl, watchers_.wait_for_xl(domain, kTakeOverDeadline));
    if (xl) {
        log_.info(
            fmt::format("domain {} ({}): xl watches it (pid {})", domain.name, domain.domid, *xl));
        return std::unique_ptr<Watch>();
    }
    log_.info(fmt::format("domain {} ({}): watching it", domain.name, domain.domid));
    return watch;
}

Status DomainMonitor::follow(Domain domain, Watch &watch) {
    for (;;) {
        XLSNAP_ASSIGN(const std::optional<ShutdownReason> reason,
                      events_.next_shutdown(domain.domid));
        if (!reason)
            break;
        // Nothing is asked of a suspended domain: whoever suspended it is at work on it.
        if (aftermath(*reason, domain.on_shutdown).keep_watching)
            continue;
        std::optional<Domain> now = look_again(domain);
        if (!now)
            break;
        domain = std::move(*now);
        log_.info(fmt::format("domain {} ({}) has shut down: {}", domain.name, domain.domid,
                              to_string(*reason)));
        XLSNAP_ASSIGN(const std::optional<DomainId> started,
                      act(domain, aftermath(*reason, domain.on_shutdown)));
        if (!started)
            return {};
        domain.domid = *started;
        if (const Status followed = watch.follow(*started); !followed)
            log_.warn(followed.error().message);
    }
    log_.info(fmt::format("domain {} ({}) is gone", domain.name, domain.domid));
    return {};
}

std::optional<Domain> DomainMonitor::look_again(const Domain &known) {
    Result<Domain> now = toolstack_.inspect(known.domid);
    if (now)
        return std::move(*now);
    if (now.error().code == ErrorCode::DomainNotFound)
        return std::nullopt;
    log_.warn(fmt::format("domain {}: what was known of it before is used: {}", known.name,
                          now.error().message));
    return known;
}

Result<std::optional<DomainId>> DomainMonitor::act(const Domain &domain, const Aftermath &after) {
    // A core is for the curious; the domain goes on without it.
    if (after.dump_core)
        if (const Status dumped = toolstack_.dump_core(domain); !dumped)
            log_.warn(fmt::format("no core dump: {}", dumped.error().message));
    // A dump takes minutes. Who destroyed the domain meanwhile goes on with it: a revert, say.
    if (is_gone(domain)) {
        log_.info(fmt::format("domain {}: another program destroyed it", domain.name));
        return std::optional<DomainId>();
    }
    if (after.rename) {
        XLSNAP_TRY(can_start_beside_preserved(domain));
        XLSNAP_TRY(toolstack_.preserve(domain));
    }
    if (after.destroy)
        XLSNAP_TRY(destroy(domain));
    if (!after.start)
        return std::optional<DomainId>();
    if (after.destroy)
        XLSNAP_TRY(wait_until_startable(images_, domain));
    if (domain.updated_by_xl)
        log_.warn(fmt::format("domain {}: it is started from the configuration that it had; what "
                              "xl config-update changed is lost, give it once more",
                              domain.name));
    return start_again(domain);
}

Result<std::optional<DomainId>> DomainMonitor::start_again(const Domain &domain) {
    // What libxl says a domain needs is an estimate: the start itself tells whether it fits.
    Result<std::unique_ptr<Room>> room = toolstack_.make_room(domain.config_json, {});
    if (!room)
        log_.warn(room.error().message);
    XLSNAP_ASSIGN(const DomainId started, toolstack_.start(domain.config_json));
    if (room)
        room->reset();
    log_.info(fmt::format("domain {} is started again; its domid is {}", domain.name, started));
    // xl ignores this, too: the domain is there, and is to be watched.
    if (const Status unpaused = toolstack_.unpause(started); !unpaused)
        log_.warn(fmt::format("domain {} stays paused, try xl unpause: {}", domain.name,
                              unpaused.error().message));
    return std::optional(started);
}

// A domain of which something is still in use by a back end stays in the list, without a name and
// without a QEMU: nothing keeps the next one from being started.
Status DomainMonitor::destroy(const Domain &domain) {
    Status destroyed = toolstack_.destroy(domain.domid);
    if (destroyed || destroyed.error().code != ErrorCode::TimedOut)
        return destroyed;
    log_.warn(destroyed.error().message);
    return {};
}

bool DomainMonitor::is_gone(const Domain &domain) {
    const Result<RunState> state = toolstack_.state(domain.domid);
    return state ? *state == RunState::Dying : state.error().code == ErrorCode::DomainNotFound;
}

} // namespace xlsnap
