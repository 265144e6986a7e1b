// SPDX-License-Identifier: LGPL-2.1-only
#include <fmt/format.h>

#include "cli/image_watch.hpp"
#include "cli/no_catalog.hpp"
#include "cli/outcome.hpp"
#include "cli/verbs.hpp"

namespace xlsnap::cli {

namespace {

unsigned delete_flags(const DeleteCommand &command) {
    return flag_if(command.dry_run, LIBXL_SNAPSHOT_DRY_RUN) |
           flag_if(command.force, LIBXL_SNAPSHOT_FORCE) |
           flag_if(command.children, LIBXL_SNAPSHOT_DELETE_CHILDREN) |
           flag_if(command.children_only, LIBXL_SNAPSHOT_DELETE_CHILDREN_ONLY) |
           flag_if(command.metadata_only, LIBXL_SNAPSHOT_DELETE_METADATA_ONLY) |
           flag_if(command.merge, LIBXL_SNAPSHOT_DELETE_MERGE) |
           flag_if(command.discard, LIBXL_SNAPSHOT_DELETE_DISCARD);
}

std::string deleted(const DeleteCommand &command) {
    const char *what = command.metadata_only ? "the record of " : "";
    if (command.children_only)
        return fmt::format("{}all that descends from snapshot {} deleted", what, command.name);
    return fmt::format("{}snapshot {}{} deleted", what, command.name,
                       command.children ? " and all that descends from it" : "");
}

} // namespace

void run(const DeleteCommand &command, const Session &session) {
    if (command.no_catalog.is_asked()) {
        delete_without_catalog(command, session);
        return;
    }
    Session::begin_change();
    const SnapshotDomain domain = session.find(command.domain);
    const ImageWatch watch(session, *domain, {});
    delete_snapshot(session.xen(), *domain, command.name, delete_flags(command));
    tell_or_plan(command.dry_run, *domain, deleted(command));
}

} // namespace xlsnap::cli
