// SPDX-License-Identifier: LGPL-2.1-only
#include "cli/units.hpp"
#include "cli/verb_options.hpp"

namespace xlsnap::cli {

void declare(CLI::App &verb, DeleteCommand &command) {
    add_domain(verb, command.domain)->required();
    add_name(verb, command.name)->required();
    verb.add_flag("--children", command.children, "also all that descend from it")
        ->excludes(verb.add_flag("--children-only", command.children_only,
                                 "all that descend from it, but not the snapshot"));
    verb.add_flag("--metadata-only", command.metadata_only, "the record alone; the data stay");
    verb.add_flag("--merge", command.merge, "keep what was written since (the default)")
        ->excludes(verb.add_flag("--discard", command.discard, "drop what was written since"));
    verb.add_flag("--force", command.force, "delete protected snapshots too");
    add_dry_run(verb, command.dry_run);
    add_no_catalog(verb, command.no_catalog);
    add_no_catalog_disks(verb, command.no_catalog);
    verb.parse_complete_callback([&verb, &command] { check_no_catalog(verb, command.no_catalog); });
}

void declare(CLI::App &verb, PruneCommand &command) {
    add_domain(verb, command.domain)->required();
    verb.add_option("--keep", command.rules.keep, "how many to keep, the newest")
        ->check(CLI::NonNegativeNumber); // or -1 would become a large one
    verb.add_option_function<std::string>(
        "--older-than",
        [&command](const std::string &text) {
            command.rules.older_than = read_value("--older-than", text, duration_seconds);
        },
        "only those made so long ago: 90m, 12h, 30d, 2w");
    add_json(verb, command.json);
    add_dry_run(verb, command.dry_run);
    verb.parse_complete_callback([&command] {
        if (!command.rules.keep && !command.rules.older_than)
            throw CLI::RequiredError("--keep N or --older-than D");
    });
}

} // namespace xlsnap::cli
