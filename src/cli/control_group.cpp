// SPDX-License-Identifier: LGPL-2.1-only
#include "cli/control_group.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <initializer_list>

namespace xlsnap::cli {

void leave_control_group() {
    // Version 2 of control groups; the two trees that systemd has beside version 1.
    for (const char *path : {"/sys/fs/cgroup/cgroup.procs", "/sys/fs/cgroup/unified/cgroup.procs",
                             "/sys/fs/cgroup/systemd/cgroup.procs"}) {
        const int root = ::open(path, O_WRONLY | O_CLOEXEC);
        if (root < 0)
            continue;
        (void)!::write(root, "0", 1);
        ::close(root);
    }
}

} // namespace xlsnap::cli
