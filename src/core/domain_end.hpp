// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string_view>

namespace xlsnap {

// Why a domain shut down, and what its configuration wants to happen then: libxl's words
// (libxl_shutdown_reason, libxl_action_on_shutdown).
enum class ShutdownReason { Poweroff, Reboot, Suspend, Crash, Watchdog, SoftReset, Unknown };
enum class ShutdownAction {
    Destroy,
    Restart,
    RestartRename,
    Preserve,
    CoredumpDestroy,
    CoredumpRestart,
    SoftReset,
};

// on_poweroff, on_reboot and so on of a configuration.
struct ShutdownActions {
    ShutdownAction poweroff = ShutdownAction::Destroy;
    ShutdownAction reboot = ShutdownAction::Restart;
    ShutdownAction crash = ShutdownAction::Destroy;
    ShutdownAction watchdog = ShutdownAction::Destroy;
    ShutdownAction soft_reset = ShutdownAction::SoftReset;
};

// What is done about a domain that shut down, in this order.
struct Aftermath {
    bool dump_core = false;
    bool rename = false; // it stays as it is, under another name and uuid
    bool destroy = false;
    bool start = false; // anew, from its configuration
    bool keep_watching = false;
};

// As xl decides it (handle_domain_death in tools/xl/xl_vmcontrol.c; that a suspended domain is
// watched on, since Xen 4.20). A soft reset is not ours to do: the domain is kept as it is.
[[nodiscard]] Aftermath aftermath(ShutdownReason reason, const ShutdownActions &actions);

[[nodiscard]] std::string_view to_string(ShutdownReason reason);

} // namespace xlsnap
