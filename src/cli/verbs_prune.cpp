// SPDX-License-Identifier: LGPL-2.1-only
#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <optional>
#include <span>

#include "cli/image_watch.hpp"
#include "cli/json_output.hpp"
#include "cli/outcome.hpp"
#include "cli/units.hpp"
#include "cli/verbs.hpp"

namespace xlsnap::cli {

namespace {

const libxl_domain_snapshot &snapshot_called(const DomainSnapshotList &snapshots,
                                             const std::string &name) {
    return *std::ranges::find_if(snapshots,
                                 [&name](const auto &snapshot) { return name == snapshot.name; });
}

std::string counted(std::size_t count) {
    return count == 1 ? "1 snapshot" : fmt::format("{} snapshots", count);
}

// Why a snapshot stays that was to go when it was listed; nothing: it goes. Somebody may have
// changed the catalog since. Who deletes it has the library refuse what may not go: this says why,
// and knows besides which was made anew under its name.
std::optional<std::string> reason_to_stay(const Session &session,
                                          const libxl_snapshot_domain &domain,
                                          const libxl_domain_snapshot &listed) {
    if (!has_snapshot(session.xen(), domain, listed.name))
        return "is gone already";
    const DomainSnapshot now = get_snapshot(session.xen(), domain, listed.name);
    if (now->current)
        return "is the current one now and stays";
    if (now->is_protected)
        return "is protected now and stays";
    if (now->creation_time != listed.creation_time)
        return "was made anew and stays";
    return std::nullopt;
}

// Deletes snapshots and says of each that it is gone: a failure leaves the others.
class Pruning {
  public:
    Pruning(const PruneCommand &command, const Session &session,
            const libxl_snapshot_domain &domain)
        : command_(command), session_(session), domain_(domain) {}

    void take(const libxl_domain_snapshot &snapshot) {
        if (is_to_stay(snapshot))
            return;
        try {
            remove(snapshot);
        } catch (const SnapshotError &) {
            if (!is_to_stay(snapshot))
                throw;
        }
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

    // What is gone is told.
    void finish_after_failure() {
        if (command_.json || count_ > 0)
            finish();
    }

  private:
    bool is_to_stay(const libxl_domain_snapshot &snapshot) {
        const auto reason = reason_to_stay(session_, domain_, snapshot);
        if (reason)
            warn(fmt::format("{}: snapshot {} {}", called(domain_), snapshot.name, *reason));
        return reason.has_value();
    }

    // Never by force: a protected snapshot is the library's to refuse, as the current one is. In a
    // dry run only whether it is: the library's plan is for a tree of which nothing is gone.
    void remove(const libxl_domain_snapshot &snapshot) {
        delete_snapshot(session_.xen(), domain_, snapshot.name,
                        LIBXL_SNAPSHOT_DELETE_NOT_CURRENT |
                            flag_if(command_.dry_run, LIBXL_SNAPSHOT_DRY_RUN));
        count(snapshot);
        if (command_.json)
            return;
        if (command_.dry_run)
            print_lines(fmt::format("delete snapshot '{}'\n", snapshot.name));
        else
            tell(domain_, fmt::format("snapshot {} deleted", snapshot.name));
    }

    void count(const libxl_domain_snapshot &snapshot) {
        ++count_;
        freed_ += snapshot.save_size;
        if (command_.json)
            array_.add(snapshot);
    }

    const PruneCommand &command_;
    const Session &session_;
    const libxl_snapshot_domain &domain_;
    SnapshotArray array_{stdout};
    std::size_t count_ = 0;
    std::uint64_t freed_ = 0;
};

} // namespace

void run(const PruneCommand &command, const Session &session) {
    Session::begin_change();
    const SnapshotDomain domain = session.find(command.domain);
    const DomainSnapshotList snapshots = list_snapshots(session.xen(), *domain);
    const std::span all(snapshots.begin(), snapshots.size());
    const ImageWatch watch(session, *domain, {});
    const auto now = static_cast<std::uint64_t>(std::time(nullptr));
    Pruning pruning(command, session, *domain);
    try {
        for (const std::string &name : to_prune(all, command.rules, now))
            pruning.take(snapshot_called(snapshots, name));
    } catch (const SnapshotError &) {
        pruning.finish_after_failure();
        throw;
    }
    pruning.finish();
}

} // namespace xlsnap::cli
