// SPDX-License-Identifier: LGPL-2.1-only
#include "engine/domain_monitor.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

namespace xlsnap {

namespace {

// Where xl dumps cores to (XEN_DUMP_DIR in tools/config.h of xen.git).
constexpr const char *kDumpFolder = "/var/lib/xen/dump";

// How long a destroyed domain's QEMU may keep its images; the next one must not meet it.
constexpr std::chrono::seconds kImageReleaseDeadline{60};

// The images that the domain's QEMU must have closed before the next one opens them. One that stays
// with a preserved domain writes no guest's data any more, but still what it remembers of a
// format's tables: then only raw images may be opened twice.
std::vector<std::string> images_to_wait_for(const Domain &domain, bool preserved) {
    std::vector<std::string> paths;
    for (const Disk &disk : domain.disks)
        if (disk.writable && !disk.path.empty() && disk.backend == DiskBackend::Qdisk &&
            !(preserved && disk.format == DiskFormat::Raw))
            paths.push_back(disk.path);
    return paths;
}

} // namespace

Status DomainMonitor::watch(DomainId domid) {
    std::optional<DomainId> watched = domid;
    while (watched) {
        XLSNAP_ASSIGN(const std::optional<ShutdownReason> reason, events_.next_shutdown(*watched));
        if (!reason) {
            log_.info(fmt::format("domain {} is gone", *watched));
            return {};
        }
        const Result<Domain> domain = toolstack_.inspect(*watched);
        if (!domain && domain.error().code == ErrorCode::DomainNotFound)
            continue; // the next event says so
        XLSNAP_TRY(domain);
        log_.info(fmt::format("domain {} ({}) has shut down: {}", domain->name, *watched,
                              to_string(*reason)));
        const Aftermath after = aftermath(*reason, domain->on_shutdown);
        if (after.keep_watching)
            continue;
        XLSNAP_ASSIGN(watched, act(*domain, after).with_context("domain " + domain->name));
    }
    return {};
}

Result<std::optional<DomainId>> DomainMonitor::act(const Domain &domain, const Aftermath &after) {
    if (after.dump_core) {
        const std::string path = fmt::format("{}/{}", kDumpFolder, domain.name);
        // A core is for the curious; the domain goes on without it.
        if (const Status dumped = toolstack_.dump_core(domain.domid, path); !dumped)
            log_.warn(fmt::format("no core dump: {}", dumped.error().message));
    }
    if (after.rename)
        XLSNAP_TRY(toolstack_.preserve(domain));
    if (after.destroy)
        XLSNAP_TRY(toolstack_.destroy(domain.domid));
    if (!after.start)
        return std::optional<DomainId>();
    XLSNAP_ASSIGN(const DomainId started, start(domain, images_to_wait_for(domain, after.rename)));
    log_.info(fmt::format("domain {} is started again; its domid is {}", domain.name, started));
    return std::optional(started);
}

Result<DomainId> DomainMonitor::start(const Domain &domain,
                                      const std::vector<std::string> &images) {
    XLSNAP_TRY(images_.wait_until_unused(images, kImageReleaseDeadline));
    XLSNAP_ASSIGN(const DomainId started, toolstack_.start(domain.config_json));
    XLSNAP_TRY(toolstack_.unpause(started));
    return started;
}

} // namespace xlsnap
