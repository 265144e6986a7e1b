// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace xlsnap {

// Which process it is, in a way that outlasts the reuse of its number and a reboot.
struct ProcessIdentity {
    pid_t pid = 0;
    std::uint64_t start_time = 0; // after the boot, in the kernel's ticks
    std::string boot_id;
    std::string program;

    friend bool operator==(const ProcessIdentity &, const ProcessIdentity &) = default;
};

[[nodiscard]] Result<ProcessIdentity> this_process();

// Whether that very process runs.
[[nodiscard]] bool is_alive(const ProcessIdentity &process);

// Who has a lock, and since when, as one line of JSON, and back; nothing for any other text.
struct LockOwner {
    ProcessIdentity process;
    std::uint64_t since = 0; // seconds since the epoch
};

[[nodiscard]] std::string to_line(const LockOwner &owner);
[[nodiscard]] std::optional<LockOwner> lock_owner(std::string_view line);

} // namespace xlsnap
