// SPDX-License-Identifier: LGPL-2.1-only
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <stdexcept>

#include "cli/control_group.hpp"
#include "cli/daemon.hpp"
#include "cli/verbs.hpp"

extern "C" {
#include <libxl_utils.h>
}

namespace xlsnap::cli {

namespace {

// Where xl's process for the domain has its log: whoever looks for one looks there.
std::string log_of_xl(libxl_ctx *ctx, std::uint32_t domid) {
    const std::unique_ptr<char, decltype(&std::free)> name(libxl_domid_to_name(ctx, domid),
                                                           &std::free);
    if (name == nullptr)
        throw std::runtime_error("domain " + std::to_string(domid) + " is gone");
    std::string file = name.get(); // in which libxl takes slashes
    std::ranges::replace(file, '/', '_');
    return "/var/log/xen/xl-" + file + ".log";
}

// A domain with a watcher that tells nothing is better off than one without.
std::string usual_log(libxl_ctx *ctx, std::uint32_t domid) {
    std::string log = log_of_xl(ctx, domid);
    if (std::ofstream(log, std::ios::app))
        return log;
    (void)std::fprintf(stderr,
                       "xlsnap: cannot write %s: what is done for the domain is not logged\n",
                       log.c_str());
    return "/dev/null";
}

} // namespace

// The library starts this verb too, so that the settings are looked at here. In the foreground it
// is what somebody wants of just this domain.
void run(const MonitorCommand &command, Session &session) {
    if (!session.settings().monitor && !command.foreground)
        return;
    leave_control_group();
    const std::uint32_t domid = session.find_running(command.domain);
    if (domid == 0)
        throw std::runtime_error("nobody watches domain 0: it is the host");
    if (!command.foreground) {
        const std::string log = command.log.empty() ? usual_log(session.xen(), domid) : command.log;
        session.close_context();
        become_daemon(log);
        session.open_context();
    }
    monitor_domain(session.xen(), domid);
}

} // namespace xlsnap::cli
