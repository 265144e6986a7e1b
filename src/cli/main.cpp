// SPDX-License-Identifier: LGPL-2.1-only
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "cli/control_group.hpp"
#include "cli/daemon.hpp"
#include "cli/options.hpp"
#include "xlsnap.hpp"

extern "C" {
#include <libxl_utils.h>
}

namespace xlsnap::cli {

namespace {

struct LoggerDestroy {
    void operator()(xentoollog_logger *logger) const { xtl_logger_destroy(logger); }
};
using Logger = std::unique_ptr<xentoollog_logger, LoggerDestroy>;

struct ContextFree {
    void operator()(libxl_ctx *ctx) const { libxl_ctx_free(ctx); }
};
using Context = std::unique_ptr<libxl_ctx, ContextFree>;

struct FreeMalloced {
    void operator()(char *text) const { std::free(text); }
};

Logger make_logger(bool verbose, unsigned flags = 0) {
    auto *stream = xtl_createlogger_stdiostream(stderr, verbose ? XTL_INFO : XTL_NOTICE,
                                                XTL_STDIOSTREAM_HIDE_PROGRESS | flags);
    if (stream == nullptr)
        throw std::runtime_error("out of memory");
    return Logger(reinterpret_cast<xentoollog_logger *>(stream));
}

Context open_context(xentoollog_logger *logger) {
    libxl_ctx *ctx = nullptr;
    if (libxl_ctx_alloc(&ctx, LIBXL_VERSION, 0, logger) != 0)
        throw std::runtime_error("cannot reach Xen; run this as root in the control domain");
    return Context(ctx);
}

std::uint32_t find_domain(libxl_ctx *ctx, const std::string &name) {
    std::uint32_t domid = 0;
    if (libxl_domain_qualifier_to_domid(ctx, name.c_str(), &domid) != 0)
        throw std::runtime_error("there is no domain '" + name + "'; xl list shows all");
    return domid;
}

// Every disk that the guest can write to.
std::vector<std::string> writable_disks(libxl_ctx *ctx, std::uint32_t domid) {
    int count = 0;
    libxl_device_disk *disks = libxl_device_disk_list(ctx, domid, &count);
    std::vector<std::string> vdevs;
    for (int i = 0; i < count; ++i)
        if (disks[i].readwrite != 0 && disks[i].is_cdrom == 0)
            vdevs.emplace_back(disks[i].vdev);
    libxl_device_disk_list_free(disks, count);
    return vdevs;
}

SnapshotArgs make_args(libxl_ctx *ctx, std::uint32_t domid, const Options &options) {
    SnapshotArgs args;
    if (!options.disk_only)
        args.memory(options.memory_path);
    const auto vdevs = options.vdevs.empty() ? writable_disks(ctx, domid) : options.vdevs;
    for (const std::string &vdev : vdevs)
        args.disk(vdev, options.name);
    return args;
}

std::uint32_t revert(libxl_ctx *ctx, std::uint32_t domid, SnapshotArgs &args, bool paused) {
    return paused ? revert_to_snapshot_paused(ctx, domid, args)
                  : revert_to_snapshot(ctx, domid, args);
}

// A guest may be suspended, or not exist, in the middle of an operation: what comes from a terminal
// (control-c, a closed session) or from a service manager does not end it there.
void outlast_signals() {
    for (const int signal : {SIGINT, SIGTERM, SIGHUP})
        (void)std::signal(signal, SIG_IGN);
}

// Where xl's process for the domain has its log: whoever looks for one looks there.
std::string log_of_xl(libxl_ctx *ctx, std::uint32_t domid) {
    const std::unique_ptr<char, FreeMalloced> name(libxl_domid_to_name(ctx, domid));
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

// The context is made anew behind a fork: libxl allows no other use of it there.
void monitor(const Options &options) {
    Logger logger = make_logger(options.verbose, XTL_STDIOSTREAM_SHOW_DATE);
    Context ctx = open_context(logger.get());
    const std::uint32_t domid = find_domain(ctx.get(), options.domain);
    if (domid == 0)
        throw std::runtime_error("nobody watches domain 0: it is the host");
    if (!options.foreground) {
        const std::string log = options.log.empty() ? usual_log(ctx.get(), domid) : options.log;
        ctx.reset();
        become_daemon(log);
        ctx = open_context(logger.get());
    }
    libxl_snapshot_set_logger(logger.get());
    monitor_domain(ctx.get(), domid);
}

void change(const Options &options) {
    outlast_signals();
    const Logger logger = make_logger(options.verbose);
    libxl_snapshot_set_logger(logger.get());
    const Context ctx = open_context(logger.get());
    const std::uint32_t domid = find_domain(ctx.get(), options.domain);
    SnapshotArgs args = make_args(ctx.get(), domid, options);
    const char *domain = options.domain.c_str();
    const char *name = options.name.c_str();
    switch (options.command) {
    case Command::Create:
        create_snapshot(ctx.get(), domid, args);
        std::printf("%s: %ssnapshot %s created\n", domain,
                    options.disk_only ? "crash-consistent " : "", name);
        break;
    case Command::Revert:
        std::printf("%s: reverted to snapshot %s; its domid is %u now\n", domain, name,
                    revert(ctx.get(), domid, args, options.paused));
        break;
    case Command::Delete:
        delete_snapshot(ctx.get(), domid, args);
        std::printf("%s: snapshot %s deleted\n", domain, name);
        break;
    case Command::Monitor:
        break;
    }
}

void execute(const Options &options) {
    leave_control_group();
    if (options.command == Command::Monitor)
        monitor(options);
    else
        change(options);
}

} // namespace

} // namespace xlsnap::cli

int main(int argc, char **argv) {
    try {
        const xlsnap::cli::Parsed parsed = xlsnap::cli::parse(argc, argv);
        if (!parsed.go_on)
            return parsed.exit_status;
        xlsnap::cli::execute(parsed.options);
        return EXIT_SUCCESS;
    } catch (const std::exception &error) {
        (void)std::fprintf(stderr, "xlsnap: %s\n", error.what());
        return EXIT_FAILURE;
    }
}
