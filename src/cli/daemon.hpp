// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>

namespace xlsnap::cli {

// Leaves a process behind that belongs to nobody and goes on here, while the caller's exits with
// status 0 without coming back: in a session of its own, in the directory /, with /dev/null as
// standard input, its output appended to the log, and no other open file. To be called with one
// thread and no libxl context. Throws std::runtime_error while there is still somebody to tell.
void become_daemon(const std::string &log_path);

} // namespace xlsnap::cli
