// SPDX-License-Identifier: LGPL-2.1-only
#include "cli/verb_options.hpp"

namespace xlsnap::cli {

namespace {

struct Filter {
    const char *option;
    unsigned flag;
    const char *description;
};

constexpr Filter kFilters[] = {
    {"--roots", LIBXL_SNAPSHOT_LIST_ROOTS, "those without a parent"},
    {"--leaves", LIBXL_SNAPSHOT_LIST_LEAVES, "those without children"},
    {"--no-leaves", LIBXL_SNAPSHOT_LIST_NO_LEAVES, "those with children"},
    {"--active", LIBXL_SNAPSHOT_LIST_ACTIVE, "those with memory"},
    {"--inactive", LIBXL_SNAPSHOT_LIST_INACTIVE, "those of a domain that did not run"},
    {"--disk-only", LIBXL_SNAPSHOT_LIST_DISK_ONLY, "those of the disks alone of a domain that ran"},
    {"--internal", LIBXL_SNAPSHOT_LIST_INTERNAL, "those without an external disk snapshot"},
    {"--external", LIBXL_SNAPSHOT_LIST_EXTERNAL, "those with an external disk snapshot"},
    {"--topological", LIBXL_SNAPSHOT_LIST_TOPOLOGICAL, "each behind its parent"},
};

void check_list(const ListCommand &command) {
    if (command.domain.empty() && command.from)
        throw CLI::RequiresError("--from", "DOMAIN");
    if (command.domain.empty() && !command.name.empty())
        throw CLI::RequiresError("--name", "DOMAIN");
    if (!command.name.empty() && (command.filter != 0 || command.from))
        throw CLI::ValidationError("--name", "one snapshot is not filtered");
    if (!command.name.empty() && command.names_only)
        throw CLI::ValidationError("--names", "one snapshot's name is known");
}

} // namespace

void declare(CLI::App &verb, ListCommand &command) {
    add_domain(verb, command.domain);
    add_name(verb, command.name);
    verb.add_flag("-l,--long", command.show_long, "more of each snapshot");
    add_json(verb, command.json);
    verb.add_flag("--names", command.names_only, "the names alone, one a line")
        ->excludes(verb.get_option("--long"))
        ->excludes(verb.get_option("--json"));
    CLI::Option *from =
        verb.add_option("--from", command.from, "the children of this snapshot")->type_name("NAME");
    verb.add_flag_callback(
            "--descendants", [&command] { command.filter |= LIBXL_SNAPSHOT_LIST_DESCENDANTS; },
            "with --from: all below, not the children alone")
        ->needs(from);
    for (const Filter &filter : kFilters)
        verb.add_flag_callback(
            filter.option, [&command, &filter] { command.filter |= filter.flag; },
            filter.description);
    verb.parse_complete_callback([&command] { check_list(command); });
}

void declare(CLI::App &verb, TreeCommand &command) {
    add_domain(verb, command.domain);
    add_json(verb, command.json);
}

void declare(CLI::App &verb, InfoCommand &command) {
    add_domain(verb, command.domain)->required();
    add_name(verb, command.name);
    CLI::Option *as_file =
        verb.add_flag("--config", command.as_file, "print a snapshot information file");
    add_json(verb, command.json);
    as_file->excludes(verb.get_option("--json"));
}

void declare(CLI::App &verb, ConfigCommand &command) {
    add_domain(verb, command.domain);
    CLI::Option *name = add_name(verb, command.name);
    CLI::Option *rewrite =
        add_text(verb, "--rewrite", command.rewrite_file, "XL.CFG",
                 "let this file name the images that the domain has now, instead of printing");
    rewrite->excludes(name);
    add_dry_run(verb, command.dry_run);
    verb.get_option("--dry-run")->needs(rewrite);
    verb.parse_complete_callback(
        [&command] { require_domain(command.domain, command.rewrite_file); });
}

void declare(CLI::App &verb, VerifyCommand &command) {
    add_domain(verb, command.domain)->required();
    add_name(verb, command.name);
    add_json(verb, command.json);
}

void declare(CLI::App &verb, DumpXmlCommand &command) {
    add_domain(verb, command.domain)->required();
    add_name(verb, command.name);
}

} // namespace xlsnap::cli
