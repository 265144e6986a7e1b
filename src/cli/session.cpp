// SPDX-License-Identifier: LGPL-2.1-only
#include "cli/session.hpp"

#include <csignal>
#include <cstdio>
#include <stdexcept>

#include "cli/control_group.hpp"
#include "cli/outcome.hpp"

extern "C" {
#include <libxl_utils.h>
}

namespace xlsnap::cli {

namespace {

// The log of a process that goes on for days says when.
unsigned log_flags(const Command &command) {
    const bool dated = std::holds_alternative<MonitorCommand>(command);
    return XTL_STDIOSTREAM_HIDE_PROGRESS | (dated ? XTL_STDIOSTREAM_SHOW_DATE : 0U);
}

xentoollog_logger *make_logger(const CommandLine &line) {
    auto *stream = xtl_createlogger_stdiostream(stderr, line.verbose ? XTL_INFO : XTL_NOTICE,
                                                log_flags(line.command));
    if (stream == nullptr)
        throw std::runtime_error("out of memory");
    return reinterpret_cast<xentoollog_logger *>(stream);
}

} // namespace

Session::Session(const CommandLine &line)
    : settings_(read_settings(line.settings_path)), logger_(make_logger(line)) {
    libxl_snapshot_set_logger(logger_.get());
    if (!settings_.directory.empty())
        set_catalog_root(settings_.directory);
    if (!settings_.overlay_directory.empty())
        set_overlay_directory(settings_.overlay_directory);
    open_context();
}

void Session::open_context() {
    libxl_ctx *ctx = nullptr;
    if (libxl_ctx_alloc(&ctx, LIBXL_VERSION, 0, logger_.get()) != 0)
        throw std::runtime_error("cannot reach Xen; run this as root in the control domain");
    context_.reset(ctx);
}

std::uint32_t Session::find_running(const std::string &who) const {
    std::uint32_t domid = 0;
    if (libxl_domain_qualifier_to_domid(xen(), who.c_str(), &domid) != 0)
        throw std::runtime_error("there is no domain '" + who + "'; xl list shows all");
    return domid;
}

SnapshotDomain Session::find(const std::string &who) const {
    SnapshotDomain domain = find_domain(xen(), who);
    if (domain->note != nullptr)
        warn(domain->note);
    return domain;
}

std::string Session::directory_of(const libxl_snapshot_domain &domain) const {
    if (domain.uuid == nullptr)
        return {};
    const std::string root =
        settings_.directory.empty() ? LIBXL_SNAPSHOT_DEFAULT_ROOT : settings_.directory;
    return root + "/" + domain.uuid;
}

// A guest may be suspended, or not exist, in the middle of an operation: what comes from a terminal
// (control-c, a closed session), from a service manager or from a reader that went away (`| head`)
// does not end it there. libxl gives its children the default of SIGPIPE again (libxl__exec in
// tools/libs/light/libxl_exec.c of xen.git).
void Session::begin_change() {
    leave_control_group();
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE})
        (void)std::signal(signal, SIG_IGN);
}

} // namespace xlsnap::cli
