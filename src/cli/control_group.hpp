// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

namespace xlsnap::cli {

// Takes this process, and what it starts from now on, out of the control group of the service or
// session that it belongs to. A service manager ends what is in such a group when the service is
// stopped or over: the QEMU of a domain that was reverted or that rebooted, the watcher of a
// domain, and in the middle of a create libxl-save-helper, which obeys SIGTERM. Where the kernel
// has no such groups, or this process may not move, it stays.
void leave_control_group();

} // namespace xlsnap::cli
