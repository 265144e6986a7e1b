// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cerrno>

namespace xlsnap {

// Whether a file below /proc/PID cannot be read since the process has ended meanwhile.
inline bool process_has_ended(int errno_value) {
    return errno_value == ENOENT || errno_value == ESRCH;
}

} // namespace xlsnap
