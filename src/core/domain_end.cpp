// SPDX-License-Identifier: LGPL-2.1-only
#include "core/domain_end.hpp"

namespace xlsnap {

namespace {

ShutdownAction action_for(ShutdownReason reason, const ShutdownActions &actions) {
    switch (reason) {
    case ShutdownReason::Poweroff:
        return actions.poweroff;
    case ShutdownReason::Reboot:
        return actions.reboot;
    case ShutdownReason::Crash:
        return actions.crash;
    case ShutdownReason::Watchdog:
        return actions.watchdog;
    case ShutdownReason::SoftReset:
        return actions.soft_reset;
    case ShutdownReason::Suspend:
        return ShutdownAction::Preserve;
    case ShutdownReason::Unknown:
        break;
    }
    return ShutdownAction::Destroy;
}

} // namespace

Aftermath aftermath(ShutdownReason reason, const ShutdownActions &actions) {
    if (reason == ShutdownReason::Suspend)
        return {.keep_watching = true};
    switch (action_for(reason, actions)) {
    case ShutdownAction::Destroy:
        return {.destroy = true};
    case ShutdownAction::Restart:
        return {.destroy = true, .start = true};
    case ShutdownAction::RestartRename:
        return {.rename = true, .start = true};
    case ShutdownAction::CoredumpDestroy:
        return {.dump_core = true, .destroy = true};
    case ShutdownAction::CoredumpRestart:
        return {.dump_core = true, .destroy = true, .start = true};
    case ShutdownAction::Preserve:
    case ShutdownAction::SoftReset:
        break;
    }
    return {};
}

std::string_view to_string(ShutdownReason reason) {
    switch (reason) {
    case ShutdownReason::Poweroff:
        return "poweroff";
    case ShutdownReason::Reboot:
        return "reboot";
    case ShutdownReason::Suspend:
        return "suspend";
    case ShutdownReason::Crash:
        return "crash";
    case ShutdownReason::Watchdog:
        return "watchdog";
    case ShutdownReason::SoftReset:
        return "soft reset";
    case ShutdownReason::Unknown:
        break;
    }
    return "unknown";
}

} // namespace xlsnap
