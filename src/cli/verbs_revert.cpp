// SPDX-License-Identifier: LGPL-2.1-only
#include <fmt/format.h>

#include <cstdio>
#include <stdexcept>

#include "cli/image_watch.hpp"
#include "cli/json_output.hpp"
#include "cli/no_catalog.hpp"
#include "cli/outcome.hpp"
#include "cli/snapshot_file.hpp"
#include "cli/units.hpp"
#include "cli/verbs.hpp"
#include "cli/xl_config.hpp"

namespace xlsnap::cli {

namespace {

// The snapshot that a snapshot information file describes.
class DescribedSnapshot {
  public:
    explicit DescribedSnapshot(const std::string &path)
        : path_(path), file_(read_snapshot_file(path)) {
        if (!file_.name)
            throw std::runtime_error(path + " names no snapshot; add name=\"NAME\"");
    }

    [[nodiscard]] const std::string &name() const { return *file_.name; }

    // Names are given again: the time tells whether it is the same.
    void check_that_it_is(const libxl_domain_snapshot &snapshot) const {
        if (is(snapshot))
            return;
        throw std::runtime_error(fmt::format(
            "{} describes a snapshot '{}' of {}, but this one is of {}; leave "
            "creationtime out if it is meant all the same",
            path_, name(), local_time(*file_.creation_time), local_time(snapshot.creation_time)));
    }

    // The only domain that has it, by uuid. A record that cannot be read may be any: it counts for
    // nothing.
    [[nodiscard]] std::string find_domain_of_it(libxl_ctx *ctx) const {
        std::string found;
        for (const libxl_snapshot_domain &domain : list_domains(ctx)) {
            if (!is_in(ctx, domain))
                continue;
            if (!found.empty())
                throw std::runtime_error(
                    fmt::format("several domains have a snapshot '{}'; name the domain behind {}",
                                name(), path_));
            found = domain.uuid;
        }
        if (found.empty())
            throw std::runtime_error(fmt::format(
                "{}: no domain has such a snapshot '{}'; xlsnap list shows all", path_, name()));
        return found;
    }

  private:
    [[nodiscard]] bool is_in(libxl_ctx *ctx, const libxl_snapshot_domain &domain) const {
        try {
            return is(*get_snapshot(ctx, domain, name()));
        } catch (const SnapshotError &error) {
            if (error.code() != ERROR_NOTFOUND)
                warn(fmt::format("{}: {}", called(domain), error.what()));
            return false;
        }
    }

    [[nodiscard]] bool is(const libxl_domain_snapshot &snapshot) const {
        return !file_.creation_time || *file_.creation_time == snapshot.creation_time;
    }

    std::string path_;
    SnapshotFile file_;
};

struct Goal {
    SnapshotDomain domain;
    std::string name;
};

Goal goal_of(const RevertCommand &command, const Session &session) {
    if (command.information_file.empty())
        return {session.find(command.domain), command.name};
    const DescribedSnapshot described(command.information_file);
    SnapshotDomain domain = session.find(
        command.domain.empty() ? described.find_domain_of_it(session.xen()) : command.domain);
    described.check_that_it_is(*get_snapshot(session.xen(), *domain, described.name()));
    return {std::move(domain), described.name()};
}

// What revert and start have in common.
template <typename C> unsigned flags_of(const C &command) {
    return flag_if(command.dry_run, LIBXL_SNAPSHOT_DRY_RUN) |
           flag_if(command.force, LIBXL_SNAPSHOT_FORCE) |
           flag_if(command.paused, LIBXL_SNAPSHOT_PAUSED) |
           flag_if(command.running, LIBXL_SNAPSHOT_RUNNING);
}

// A domain has a new domid now, or does not run.
template <typename C>
void report(const C &command, const libxl_snapshot_domain &domain, const std::string &done,
            int domid) {
    if (command.json && command.dry_run) {
        write_plan_json(stdout, plan());
        return;
    }
    if (command.json) {
        std::printf("{\"domid\": %d}\n", domid);
        return;
    }
    tell_or_plan(
        command.dry_run, domain,
        done + (domid < 0 ? "; it does not run" : fmt::format("; its domid is {} now", domid)));
}

} // namespace

void run(const RevertCommand &command, const Session &session) {
    if (command.no_catalog.is_asked()) {
        revert_without_catalog(command, session);
        return;
    }
    Session::begin_change();
    const Goal goal = goal_of(command, session);
    const ImageWatch watch(session, *goal.domain, {});
    const int domid = revert_to_snapshot(
        session.xen(), *goal.domain, goal.name,
        flags_of(command) | flag_if(command.keep_current, LIBXL_SNAPSHOT_KEEP_CURRENT));
    report(command, *goal.domain, "reverted to snapshot " + goal.name, domid);
}

void run(const StartCommand &command, const Session &session) {
    Session::begin_change();
    const SnapshotDomain domain = find_configured(session, command.domain, command.xl_config);
    const ImageWatch watch(session, *domain, command.xl_config);
    const bool named = !command.name.empty();
    const int domid =
        start_domain(session.xen(), *domain, named ? std::optional(command.name) : std::nullopt,
                     flags_of(command));
    report(command, *domain,
           named ? "started from snapshot " + command.name
                 : "started from the state that it was in last",
           domid);
}

} // namespace xlsnap::cli
