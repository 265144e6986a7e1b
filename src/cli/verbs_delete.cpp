// SPDX-License-Identifier: LGPL-2.1-only
#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <span>

#include "cli/json_output.hpp"
#include "cli/no_catalog.hpp"
#include "cli/outcome.hpp"
#include "cli/units.hpp"
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

const libxl_domain_snapshot &snapshot_called(const DomainSnapshotList &snapshots,
                                             const std::string &name) {
    return *std::ranges::find_if(snapshots,
                                 [&name](const auto &snapshot) { return name == snapshot.name; });
}

std::string counted(std::size_t count) {
    return count == 1 ? "1 snapshot" : fmt::format("{} snapshots", count);
}

// Deletes snapshots and says of each that it is gone: a failure leaves the others.
class Pruning {
  public:
    Pruning(const PruneCommand &command, const Session &session,
            const libxl_snapshot_domain &domain)
        : command_(command), session_(session), domain_(domain) {}

    void take(const libxl_domain_snapshot &snapshot) {
        delete_snapshot(session_.xen(), domain_, snapshot.name,
                        flag_if(command_.dry_run, LIBXL_SNAPSHOT_DRY_RUN));
        ++count_;
        freed_ += snapshot.save_size;
        if (command_.json)
            array_.add(snapshot);
        else
            tell_or_plan(command_.dry_run, domain_,
                         fmt::format("snapshot {} deleted", snapshot.name));
    }

    void finish() {
        if (command_.json)
            array_.finish();
        else if (count_ == 0)
            tell(domain_, "nothing to prune");
        else
            tell(domain_, fmt::format("{} {}, {} of memory images {}", counted(count_),
                                      command_.dry_run ? "would be deleted" : "deleted",
                                      size_text(freed_), command_.dry_run ? "with them" : "freed"));
    }

  private:
    const PruneCommand &command_;
    const Session &session_;
    const libxl_snapshot_domain &domain_;
    SnapshotArray array_{stdout};
    std::size_t count_ = 0;
    std::uint64_t freed_ = 0;
};

} // namespace

void run(const DeleteCommand &command, const Session &session) {
    if (command.no_catalog.is_asked()) {
        delete_without_catalog(command, session);
        return;
    }
    Session::begin_change();
    const SnapshotDomain domain = session.find(command.domain);
    delete_snapshot(session.xen(), *domain, command.name, delete_flags(command));
    tell_or_plan(command.dry_run, *domain, deleted(command));
}

void run(const PruneCommand &command, const Session &session) {
    Session::begin_change();
    const SnapshotDomain domain = session.find(command.domain);
    const DomainSnapshotList snapshots = list_snapshots(session.xen(), *domain);
    const std::span all(snapshots.begin(), snapshots.size());
    const auto now = static_cast<std::uint64_t>(std::time(nullptr));
    Pruning pruning(command, session, *domain);
    for (const std::string &name : to_prune(all, command.rules, now))
        pruning.take(snapshot_called(snapshots, name));
    pruning.finish();
}

} // namespace xlsnap::cli
