// SPDX-License-Identifier: LGPL-2.1-only
#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <future>
#include <system_error>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "adapters/libxl/libxl_failure.hpp"
#include "adapters/libxl/toolstack.hpp"

namespace xlsnap {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t kLongestQuote = 200;

// Text of QEMU in a message: one line of it, and not more than fits one.
std::string one_line_of(std::string_view text) {
    const std::size_t end = std::min(text.find_first_of("\r\n"), kLongestQuote);
    return fmt::format("\"{}\"", text.substr(0, end));
}

// The guest's side of a suspend request is one node: the toolstack writes the word, the guest
// empties it when it obeys.
bool suspend_requested(const Xenstore &xenstore, DomainId domid) {
    return xenstore.read(guest_path(domid, "control/shutdown")) == "suspend";
}

// Such a guest gets its request through an event channel and nothing in xenstore shows it
// (tools/libs/light/libxl_dom_suspend.c in xen.git). The node is libxl's and empty until the guest
// writes a port into it.
bool suspends_by_event_channel(const Xenstore &xenstore, DomainId domid) {
    return !xenstore.read(guest_path(domid, "device/suspend/event-channel")).value_or("").empty();
}

// When libxl cannot write even the head of the stream, it calls a callback that is not set yet, and
// the process ends (seen with Xen 4.17.7, libxl_stream_write.c).
Status check_writable(int fd) {
    const int flags = ::fcntl(fd, F_GETFL);
    if (flags < 0)
        return fail(errno_error(errno, "the descriptor for the domain's memory"));
    if ((flags & O_ACCMODE) == O_RDONLY)
        return fail(ErrorCode::Invalid, "the descriptor for the domain's memory is read-only");
    return {};
}

constexpr const char *kGuestAdvice =
    "the guest did not suspend when it was asked: a guest that is still booting, hangs, or has no "
    "Xen power management (Linux: CONFIG_HIBERNATE_CALLBACKS) cannot; look at its console, then "
    "try again";
constexpr const char *kSaveAdvice =
    "libxl's log says which part failed: libxl-save-helper, the memory image's file system (is it "
    "full?), or the domain's QEMU (does it answer?)";
constexpr const char *kLiveAdvice =
    "the guest was not even asked to suspend. If libxl's log says \"logdirty\", Xen refused to "
    "track what the guest writes meanwhile (log-dirty mode), as one without shadow paging does for "
    "a PV guest: then make the snapshot without --live. Else look at libxl-save-helper, the memory "
    "image's file system (is it full?) and the domain's QEMU (does it answer?)";
constexpr const char *kResumeAdvice =
    "it stays suspended; if its QEMU hangs or is stopped (ps), let that go on and try again, else "
    "destroy the domain";

} // namespace

Status LibxlToolstack::suspend(DomainId domid, int fd, bool live) {
    XLSNAP_ASSIGN(const Execution before, execution(domid));
    if (before.state != RunState::Running && before.state != RunState::Paused)
        return fail(ErrorCode::Invalid, fmt::format("cannot suspend {}: it is {}", describe(domid),
                                                    to_string(before.state)));
    XLSNAP_TRY(check_writable(fd));
    const auto start = steady_clock::now();
    const bool goes_on = live && !before.paused;
    int rc = 0;
    if (before.paused) {
        XLSNAP_ASSIGN(rc, suspend_paused(domid, fd));
    } else {
        rc = libxl_domain_suspend(ctx_, domid, fd, goes_on ? LIBXL_SUSPEND_LIVE : 0, nullptr);
    }
    const auto elapsed = std::chrono::duration_cast<milliseconds>(steady_clock::now() - start);
    if (rc != 0)
        return fail(suspend_failure(rc, domid, elapsed, goes_on));
    XLSNAP_ASSIGN(const Execution after, execution(domid));
    if (after.state != RunState::Suspended)
        return fail(ErrorCode::Fail,
                    fmt::format("{} was saved but is {} now: another program resumed or destroyed "
                                "it meanwhile; what was saved is not used",
                                describe(domid), to_string(after.state)));
    return {};
}

// libxl says GUEST_TIMEDOUT for every save that ends before the guest took the request, be it
// because the guest is deaf or because QEMU was (libxl__xc_domain_save_done in
// tools/libs/light/libxl_stream_write.c). Only the clock tells them apart.
Error LibxlToolstack::suspend_failure(int rc, DomainId domid, milliseconds elapsed, bool live) {
    const bool guest_failed = rc == ERROR_GUEST_TIMEDOUT && elapsed >= deadlines_.guest_answer;
    const bool unasked = live && rc == ERROR_GUEST_TIMEDOUT;
    if (guest_failed)
        may_suspend_late_.insert(domid);
    return libxl_failure(rc, "suspend " + describe(domid),
                         guest_failed ? kGuestAdvice
                         : unasked    ? kLiveAdvice
                                      : kSaveAdvice);
}

// A paused guest with Xen drivers cannot answer the request: libxl waits in a thread of its own
// while this one lets the guest run as soon as the request stands. A guest without Xen drivers is
// suspended by the hypervisor and stays paused, unless it was paused within an access to a device.
Result<int> LibxlToolstack::suspend_paused(DomainId domid, int fd) {
    XLSNAP_ASSIGN(const Xenstore xenstore, Xenstore::open());
    if (suspend_requested(xenstore, domid))
        return fail(ErrorCode::NotReady,
                    fmt::format("{} is paused with a suspend request of another program; unpause "
                                "it, or wait until that program gives up",
                                describe(domid)));
    std::future<int> suspended;
    try {
        suspended = std::async(std::launch::async, [this, domid, fd] {
            return libxl_domain_suspend(ctx_, domid, fd, 0, nullptr);
        });
    } catch (const std::system_error &error) {
        return fail(errno_error(error.code().value(), "cannot start a thread for the suspend"));
    }
    Status released;
    bool waiting = true;
    const auto start = steady_clock::now();
    while (suspended.wait_for(deadlines_.poll_interval) != std::future_status::ready) {
        const bool asked =
            suspend_requested(xenstore, domid) || suspends_by_event_channel(xenstore, domid);
        const bool late = steady_clock::now() - start >= deadlines_.device_access;
        if (waiting && (asked || (late && still_paused(domid)))) {
            waiting = false;
            log_.info(fmt::format("{} is paused; it runs for a moment to suspend itself",
                                  describe(domid)));
            released = unpause(domid);
        }
    }
    const int rc = suspended.get();
    if (!released)
        return fail(released.error());
    return rc;
}

bool LibxlToolstack::still_paused(DomainId domid) {
    const auto now = execution(domid);
    return now && now->state == RunState::Paused;
}

Status LibxlToolstack::resume(DomainId domid) {
    XLSNAP_ASSIGN(const Execution before, execution(domid));
    if (before.state != RunState::Suspended)
        return fail(ErrorCode::Fail, fmt::format("cannot resume {}: it is not suspended but {}",
                                                 describe(domid), to_string(before.state)));
    // 1: the guest learns that it was not moved and keeps its devices.
    const int rc = libxl_domain_resume(ctx_, domid, 1, nullptr);
    if (rc != 0)
        return fail(libxl_failure(rc, "resume " + describe(domid), kResumeAdvice));
    return {};
}

Status LibxlToolstack::let_run(DomainId domid, bool paused) {
    XLSNAP_ASSIGN(Execution now, execution(domid));
    if (may_suspend_late_.erase(domid) != 0) {
        XLSNAP_ASSIGN(now, wait_for_late_suspend(domid));
    }
    switch (now.state) {
    case RunState::Shutdown:
        return fail(ErrorCode::Fail,
                    fmt::format("{} shut down or crashed by itself meanwhile; see its console",
                                describe(domid)));
    case RunState::Dying:
        return fail(ErrorCode::DomainDestroyed,
                    fmt::format("another program destroys {}", describe(domid)));
    case RunState::Suspended:
    case RunState::Running:
    case RunState::Paused:
        break;
    }
    if (paused)
        XLSNAP_TRY(pause(domid));
    if (now.state == RunState::Suspended)
        return resume(domid);
    return let_emulator_go(domid);
}

// A guest may take the request in the moment in which libxl gives up, and then suspends with nobody
// left to resume it.
Result<LibxlToolstack::Execution> LibxlToolstack::wait_for_late_suspend(DomainId domid) {
    const auto deadline = steady_clock::now() + deadlines_.late_suspend;
    for (;;) {
        XLSNAP_ASSIGN(const Execution now, execution(domid));
        if (now.state != RunState::Running || steady_clock::now() >= deadline)
            return now;
        std::this_thread::sleep_for(deadlines_.poll_interval);
    }
}

// libxl_qemu_monitor_command() waits for ever for a QEMU that does not answer, while
// libxl_retrieve_domain_configuration() asks QEMU for its vCPUs and gives up after 10 s. So the
// latter goes first.
Status LibxlToolstack::let_emulator_go(DomainId domid) {
    XLSNAP_ASSIGN(const Xenstore xenstore, Xenstore::open());
    if (!is_hvm(xenstore, domid))
        return {};
    LibxlDomainConfig config;
    const int rc = libxl_retrieve_domain_configuration(ctx_, domid, config.get(), nullptr);
    if (rc != 0)
        return fail(libxl_failure(rc,
                                  "learn from the QEMU of " + describe(domid) + " whether it runs",
                                  "the guest is not suspended, but it hangs with its QEMU; is that "
                                  "stopped (ps)?"));
    XLSNAP_ASSIGN(const std::string status, monitor_command(domid, "info status"));
    if (status.find("VM status: paused") == std::string::npos)
        return {};
    XLSNAP_ASSIGN(const std::string answer, monitor_command(domid, "cont"));
    if (!answer.empty())
        return fail(ErrorCode::Fail, fmt::format("the QEMU of {} does not go on: {}",
                                                 describe(domid), one_line_of(answer)));
    return {};
}

// A command of QEMU's human monitor. Its refusals are text like any other.
Result<std::string> LibxlToolstack::monitor_command(DomainId domid, const char *command) {
    char *raw = nullptr;
    const int rc = libxl_qemu_monitor_command(ctx_, domid, command, &raw, nullptr);
    const MallocedText output(raw);
    if (rc != 0)
        return fail(libxl_failure(
            rc, fmt::format("send \"{}\" to the QEMU of {}", command, describe(domid)),
            "does the process live (ps, /var/log/xen)?"));
    return std::string(output == nullptr ? "" : output.get());
}

} // namespace xlsnap
