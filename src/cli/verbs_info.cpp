// SPDX-License-Identifier: LGPL-2.1-only
#include <unistd.h>

#include <cstdio>
#include <span>
#include <stdexcept>

#include "cli/described_snapshot.hpp"
#include "cli/json_output.hpp"
#include "cli/measured_usage.hpp"
#include "cli/outcome.hpp"
#include "cli/selected_snapshot.hpp"
#include "cli/snapshot_words.hpp"
#include "cli/table.hpp"
#include "cli/units.hpp"
#include "cli/verbs.hpp"

namespace xlsnap::cli {

namespace {

std::string way_found(const libxl_snapshot_domain &domain) {
    return domain.found == LIBXL_SNAPSHOT_DOMAIN_FOUND_NAME ? ", found by its name and its disks"
                                                            : "";
}

std::string kind_words(const libxl_domain_snapshot_disk &disk) {
    switch (disk.kind) {
    case LIBXL_DISK_SNAPSHOT_KIND_INTERNAL:
        return "internal, tag " + text_or(disk.tag, "?") + " in ";
    case LIBXL_DISK_SNAPSHOT_KIND_EXTERNAL:
        return "external, overlay " + text_or(disk.overlay, "?") + " over ";
    default:
        return "left out, ";
    }
}

std::string disk_words(const libxl_domain_snapshot_disk &disk) {
    std::string words = kind_words(disk) + text_or(disk.path, "?");
    if (disk.format != nullptr)
        words += std::string(" (") + disk.format + ")";
    if (disk.virtual_size != 0)
        words += ", " + size_text(disk.virtual_size);
    return words;
}

void add_disks(Table &table, const libxl_domain_snapshot &snapshot) {
    for (const libxl_domain_snapshot_disk &disk :
         std::span(snapshot.disks, static_cast<std::size_t>(snapshot.num_disks)))
        table.add({"Disk " + text_or(disk.vdev, "?"), disk_words(disk)});
}

void add_memory(Table &table, const libxl_domain_snapshot &snapshot) {
    if (snapshot.save == nullptr)
        return;
    table.add({"Memory image", snapshot.save});
    const bool compressed = snapshot.save_compression == LIBXL_SNAPSHOT_COMPRESSION_ZSTD;
    table.add({"", size_text(snapshot.save_size) + (compressed ? ", compressed by zstd" : "")});
    table.add({"SHA-256", text_or(snapshot.save_digest, "-")});
}

Table table_of(const libxl_snapshot_domain &domain, const libxl_domain_snapshot &snapshot,
               const MeasuredUsage &usage) {
    Table table({{"", Column::Align::Left, false}, {"", Column::Align::Left, true}});
    table.add({"Name", text_or(snapshot.name, "")});
    table.add({"Domain", called(domain) + way_found(domain)});
    if (snapshot.broken != nullptr) {
        table.add({"Broken", snapshot.broken});
        return table;
    }
    table.add({"Uuid", text_or(snapshot.domain_uuid, "-")});
    table.add({"Description", text_or(snapshot.description, "-")});
    table.add({"Created", local_time(snapshot.creation_time)});
    table.add({"State", state_of(snapshot)});
    table.add({"Holds", holds(snapshot)});
    table.add({"Parent", text_or(snapshot.parent, "-")});
    table.add({"Current", snapshot.current ? "yes" : "no"});
    table.add({"Protected", snapshot.is_protected ? "yes" : "no"});
    add_memory(table, snapshot);
    add_disks(table, snapshot);
    table.add({"Held", held_of(usage)});
    table.add({"Frees", freed_of(usage)});
    table.add({"Made by", "xlsnap " + text_or(snapshot.program_version, "?")});
    return table;
}

} // namespace

void run(const InfoCommand &command, const Session &session) {
    const SnapshotDomain domain = session.find(command.domain);
    const DomainSnapshot snapshot = named_or_current(session, *domain, command.name);
    if (command.as_file) {
        print_lines(to_text(snapshot_file_of(*snapshot, session.directory_of(*domain))));
        return;
    }
    const MeasuredUsage usage = measure_usages(session.xen(), *domain, {snapshot.get(), 1}).front();
    if (command.json)
        write_json(stdout, *snapshot, &usage);
    else
        print(table_of(*domain, *snapshot, usage).to_text(screen_of(STDOUT_FILENO)));
}

} // namespace xlsnap::cli
