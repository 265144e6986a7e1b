// SPDX-License-Identifier: LGPL-2.1-only
#include <fmt/format.h>

#include <cstdio>
#include <stdexcept>

#include "cli/json_output.hpp"
#include "cli/outcome.hpp"
#include "cli/verbs.hpp"
#include "cli/xl_config.hpp"

namespace xlsnap::cli {

namespace {

void show_current(const CurrentCommand &command, const Session &session,
                  const libxl_snapshot_domain &domain) {
    const std::optional<DomainSnapshot> current = current_snapshot(session.xen(), domain);
    if (!current)
        throw std::runtime_error(called(domain) + " has no current snapshot");
    if (command.json)
        write_json(stdout, **current);
    else
        print_lines(std::string((*current)->name) + "\n");
}

} // namespace

void run(const RenameCommand &command, const Session &session) {
    Session::begin_change();
    const SnapshotDomain domain = session.find(command.domain);
    rename_snapshot(session.xen(), *domain, command.name, command.new_name,
                    flag_if(command.dry_run, LIBXL_SNAPSHOT_DRY_RUN));
    tell_or_plan(command.dry_run, *domain,
                 fmt::format("snapshot {} is called {} now", command.name, command.new_name));
}

void run(const DescribeCommand &command, const Session &session) {
    Session::begin_change();
    const SnapshotDomain domain = session.find(command.domain);
    describe_snapshot(session.xen(), *domain, command.name, command.description,
                      flag_if(command.dry_run, LIBXL_SNAPSHOT_DRY_RUN));
    tell_or_plan(
        command.dry_run, *domain,
        fmt::format("snapshot {} {}", command.name,
                    command.description.empty() ? "has no description any more" : "is described"));
}

void run(const ProtectCommand &command, const Session &session) {
    Session::begin_change();
    const SnapshotDomain domain = session.find(command.domain);
    protect_snapshot(session.xen(), *domain, command.name, !command.off,
                     flag_if(command.dry_run, LIBXL_SNAPSHOT_DRY_RUN));
    tell_or_plan(
        command.dry_run, *domain,
        fmt::format("snapshot {} is {}protected", command.name, command.off ? "no longer " : ""));
}

void run(const CurrentCommand &command, const Session &session) {
    const SnapshotDomain domain = session.find(command.domain);
    const unsigned flags = flag_if(command.dry_run, LIBXL_SNAPSHOT_DRY_RUN);
    if (command.none) {
        Session::begin_change();
        deactivate_snapshots(session.xen(), *domain, flags);
        tell_or_plan(command.dry_run, *domain, "no snapshot is current any more");
    } else if (!command.name.empty()) {
        Session::begin_change();
        set_current_snapshot(session.xen(), *domain, command.name, flags);
        tell_or_plan(command.dry_run, *domain,
                     fmt::format("snapshot {} is the current one", command.name));
    } else {
        show_current(command, session, *domain);
    }
}

void run(const RebuildCommand &command, const Session &session) {
    Session::begin_change();
    const SnapshotDomain domain = find_configured(session, command.domain, command.xl_config);
    const int count =
        rebuild_catalog(session.xen(), *domain, flag_if(command.dry_run, LIBXL_SNAPSHOT_DRY_RUN));
    tell_or_plan(command.dry_run, *domain,
                 count == 0 ? "no record was missing"
                            : fmt::format("records written again: {}", count));
}

} // namespace xlsnap::cli
