// SPDX-License-Identifier: LGPL-2.1-only
#include <charconv>
#include <stdexcept>
#include <string>

#include "cli/units.hpp"
#include "cli/verb_options.hpp"

namespace xlsnap::cli {

namespace {

std::size_t count_in(const std::string &text) {
    std::size_t count = 0;
    const char *end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, count);
    if (error != std::errc() || stop != end)
        throw std::runtime_error("'" + text + "' is no number; write one such as 7");
    return count;
}

} // namespace

void declare(CLI::App &verb, DeleteCommand &command) {
    add_domain(verb, command.domain)->required();
    add_name(verb, command.name)->required();
    verb.add_flag("--children", command.children, "also all that descend from it")
        ->excludes(verb.add_flag("--children-only", command.children_only,
                                 "all that descend from it, but not the snapshot"));
    verb.add_flag("--metadata-only", command.metadata_only, "the record alone; the data stay");
    verb.add_flag("--merge", command.merge, "keep what was written since (the default)")
        ->excludes(verb.add_flag("--discard", command.discard, "drop what was written since"));
    verb.add_flag("--force", command.force,
                  "delete protected snapshots too, and those that a discard loses");
    add_dry_run(verb, command.dry_run);
    add_no_catalog(verb, command.no_catalog);
    add_no_catalog_disks(verb, command.no_catalog);
    verb.parse_complete_callback([&verb, &command] { check_no_catalog(verb, command.no_catalog); });
}

void declare(CLI::App &verb, PruneCommand &command) {
    add_domain(verb, command.domain)->required();
    verb.add_option_function<std::string>(
            "--keep",
            [&command](const std::string &text) {
                command.rules.keep = read_value("--keep", text, count_in);
            },
            "how many to keep, the newest")
        ->type_name("NUMBER");
    verb.add_option_function<std::string>(
            "--older-than",
            [&command](const std::string &text) {
                command.rules.older_than = read_value("--older-than", text, duration_seconds);
            },
            "only those made so long ago: 90m, 12h, 30d, 2w")
        ->type_name("AGE");
    add_json(verb, command.json);
    add_dry_run(verb, command.dry_run);
    verb.parse_complete_callback([&command] {
        if (!command.rules.keep && !command.rules.older_than)
            throw CLI::RequiredError("--keep NUMBER or --older-than AGE");
    });
}

} // namespace xlsnap::cli
