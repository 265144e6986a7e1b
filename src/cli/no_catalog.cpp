// SPDX-License-Identifier: LGPL-2.1-only
#include "cli/no_catalog.hpp"

#include <fmt/format.h>

#include "cli/outcome.hpp"
#include "cli/writable_disks.hpp"

namespace xlsnap::cli {

namespace {

SnapshotArgs make_args(libxl_ctx *ctx, std::uint32_t domid, const NoCatalog &no_catalog,
                       const std::string &name) {
    SnapshotArgs args;
    if (!no_catalog.disk_only)
        args.memory(no_catalog.memory_path);
    for (const DiskChoice &disk : no_catalog.disks)
        args.disk(disk.vdev, name);
    if (no_catalog.disks.empty())
        for (const std::string &vdev : writable_disks(ctx, domid))
            args.disk(vdev, name);
    return args;
}

} // namespace

void create_without_catalog(const CreateCommand &command, const Session &session) {
    Session::begin_change();
    const std::uint32_t domid = session.find_running(command.domain);
    SnapshotArgs args = make_args(session.xen(), domid, command.no_catalog, command.name);
    create_snapshot(session.xen(), domid, args);
    tell(command.domain, fmt::format("{}snapshot {} created",
                                     command.disk_only ? "crash-consistent " : "", command.name));
}

void revert_without_catalog(const RevertCommand &command, const Session &session) {
    Session::begin_change();
    const std::uint32_t domid = session.find_running(command.domain);
    SnapshotArgs args = make_args(session.xen(), domid, command.no_catalog, command.name);
    const std::uint32_t reverted = command.paused
                                       ? revert_to_snapshot_paused(session.xen(), domid, args)
                                       : revert_to_snapshot(session.xen(), domid, args);
    tell(command.domain,
         fmt::format("reverted to snapshot {}; its domid is {} now", command.name, reverted));
}

void delete_without_catalog(const DeleteCommand &command, const Session &session) {
    Session::begin_change();
    const std::uint32_t domid = session.find_running(command.domain);
    SnapshotArgs args = make_args(session.xen(), domid, command.no_catalog, command.name);
    delete_snapshot(session.xen(), domid, args);
    tell(command.domain, fmt::format("snapshot {} deleted", command.name));
}

} // namespace xlsnap::cli
