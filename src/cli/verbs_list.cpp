// SPDX-License-Identifier: LGPL-2.1-only
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <span>
#include <vector>

#include "cli/json_output.hpp"
#include "cli/measured_usage.hpp"
#include "cli/outcome.hpp"
#include "cli/snapshot_words.hpp"
#include "cli/table.hpp"
#include "cli/tree_view.hpp"
#include "cli/units.hpp"
#include "cli/verbs.hpp"

namespace xlsnap::cli {

namespace {

using Align = Column::Align;

// A table with a column for the domain when there may be several.
class ListTable {
  public:
    ListTable(bool of_all_domains, bool is_long)
        : of_all_domains_(of_all_domains), is_long_(is_long), table_(columns()) {}

    // The usage is that of a long list.
    void add(const libxl_snapshot_domain &domain, const libxl_domain_snapshot &snapshot,
             const MeasuredUsage &usage) {
        std::vector<std::string> cells = {marks_of(snapshot)};
        if (of_all_domains_)
            cells.push_back(called(domain));
        if (snapshot.broken != nullptr)
            add_broken(cells, snapshot);
        else if (is_long_)
            add_long(cells, snapshot, usage);
        else
            add_short(cells, snapshot);
        table_.add(std::move(cells));
    }

    void show() const {
        if (!table_.empty())
            print(table_.to_text(screen_of(STDOUT_FILENO)));
    }

  private:
    [[nodiscard]] std::vector<Column> columns() const {
        std::vector<Column> all = {{"", Align::Left, false}};
        if (of_all_domains_)
            all.push_back({"DOMAIN", Align::Left, false});
        all.insert(all.end(), {{"NAME", Align::Left, false},
                               {"CREATED", Align::Left, false},
                               {"STATE", Align::Left, false}});
        if (is_long_)
            all.insert(all.end(), {{"PARENT", Align::Left, false},
                                   {"HOLDS", Align::Left, false},
                                   {"DISKS", Align::Left, false}});
        all.push_back({"MEMORY", Align::Right, false});
        if (is_long_)
            all.insert(all.end(), {{"HELD", Align::Right, false}, {"FREES", Align::Right, false}});
        all.push_back({"DESCRIPTION", Align::Left, true});
        return all;
    }

    static void add_short(std::vector<std::string> &cells, const libxl_domain_snapshot &snapshot) {
        cells.insert(cells.end(),
                     {snapshot.name, local_time(snapshot.creation_time), state_of(snapshot),
                      memory_size_of(snapshot), text_or(snapshot.description, "")});
    }

    static void add_long(std::vector<std::string> &cells, const libxl_domain_snapshot &snapshot,
                         const MeasuredUsage &usage) {
        cells.insert(cells.end(),
                     {snapshot.name, local_time(snapshot.creation_time), state_of(snapshot),
                      text_or(snapshot.parent, "-"), holds(snapshot), vdevs_of(snapshot),
                      memory_size_of(snapshot), held_of(usage), freed_of(usage),
                      text_or(snapshot.description, "")});
    }

    void add_broken(std::vector<std::string> &cells, const libxl_domain_snapshot &snapshot) const {
        cells.insert(cells.end(), {snapshot.name, "", "broken"});
        cells.resize(columns().size() - 1);
        cells.emplace_back(snapshot.broken);
    }

    bool of_all_domains_;
    bool is_long_;
    Table table_;
};

// What a list prints, one domain at a time.
class Listing {
  public:
    Listing(const ListCommand &command, const Session &session)
        : json_(command.json), is_long_(command.show_long), ctx_(session.xen()),
          table_(command.domain.empty(), command.show_long) {}

    void add(const libxl_snapshot_domain &domain,
             std::span<const libxl_domain_snapshot> snapshots) {
        std::vector<MeasuredUsage> usages(snapshots.size());
        if (is_long_)
            usages = measure_usages(ctx_, domain, snapshots);
        for (std::size_t i = 0; i < snapshots.size(); ++i) {
            if (json_)
                array_.add(snapshots[i], is_long_ ? &usages[i] : nullptr, &domain);
            else
                table_.add(domain, snapshots[i], usages[i]);
        }
    }

    void finish() {
        if (json_)
            array_.finish();
        else
            table_.show();
    }

  private:
    bool json_;
    bool is_long_;
    libxl_ctx *ctx_;
    SnapshotArray array_{stdout};
    ListTable table_;
};

std::span<const libxl_domain_snapshot> all_of(const DomainSnapshotList &snapshots) {
    return {snapshots.begin(), snapshots.size()};
}

void list_one(const ListCommand &command, const Session &session) {
    const SnapshotDomain domain = session.find(command.domain);
    Listing listing(command, session);
    const DomainSnapshot snapshot = get_snapshot(session.xen(), *domain, command.name);
    listing.add(*domain, {snapshot.get(), 1});
    listing.finish();
}

void list_domain(const ListCommand &command, const Session &session) {
    const SnapshotDomain domain = session.find(command.domain);
    const DomainSnapshotList snapshots =
        list_snapshots(session.xen(), *domain, command.filter, command.from);
    if (command.names_only) {
        std::string names;
        for (const libxl_domain_snapshot &snapshot : snapshots)
            names.append(snapshot.name).append("\n");
        print_lines(names);
        return;
    }
    Listing listing(command, session);
    listing.add(*domain, all_of(snapshots));
    listing.finish();
}

void name_domains(const Session &session) {
    std::string names;
    for (const libxl_snapshot_domain &domain : list_domains(session.xen()))
        names.append(called(domain)).append("\n");
    print_lines(names);
}

void list_all(const ListCommand &command, const Session &session) {
    Listing listing(command, session);
    for (const libxl_snapshot_domain &domain : list_domains(session.xen()))
        listing.add(domain, all_of(list_snapshots(session.xen(), domain, command.filter)));
    listing.finish();
}

void draw_tree(const Session &session, const libxl_snapshot_domain &domain) {
    std::vector<TreeEntry> entries;
    for (const libxl_domain_snapshot &snapshot : list_snapshots(session.xen(), domain))
        entries.push_back(
            {snapshot.name, text_or(snapshot.parent, ""), note_of(snapshot), snapshot.current});
    print(draw_forest(entries, screen_of(STDOUT_FILENO)));
}

} // namespace

void run(const ListCommand &command, const Session &session) {
    if (command.domain.empty() && command.names_only)
        name_domains(session);
    else if (command.domain.empty())
        list_all(command, session);
    else if (command.name.empty())
        list_domain(command, session);
    else
        list_one(command, session);
}

void run(const TreeCommand &command, const Session &session) {
    if (command.json) {
        ListCommand list;
        list.domain = command.domain;
        list.filter = LIBXL_SNAPSHOT_LIST_TOPOLOGICAL;
        list.json = true;
        run(list, session);
    } else if (!command.domain.empty()) {
        draw_tree(session, *session.find(command.domain));
    } else {
        for (const libxl_snapshot_domain &domain : list_domains(session.xen())) {
            print_lines(called(domain) + ":\n");
            draw_tree(session, domain);
        }
    }
}

} // namespace xlsnap::cli
