// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

namespace xlsnap::test {

// One system call as the kernel numbers it (SYS_fsync), optionally only with this first argument.
struct SystemCall {
    long number;
    std::optional<std::uint32_t> first_argument = std::nullopt;
};

// Runs the body on a thread of its own, on which the system call is not made but fails with
// `errno_value`, by a seccomp filter. Other threads are not affected.
void with_failing(SystemCall call, int errno_value, const std::function<void()> &body);

// Runs the body on a thread of its own that sees an empty tmpfs of this size mounted on the
// directory; nobody else sees it, and it goes with the thread. Needs root.
void with_small_file_system(const char *directory, std::size_t bytes,
                            const std::function<void()> &body);

// Runs the body on a thread of its own that has the user id and the rights of "nobody". Needs root.
void as_nobody(const std::function<void()> &body);

} // namespace xlsnap::test
