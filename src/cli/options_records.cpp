// SPDX-License-Identifier: LGPL-2.1-only
#include "cli/verb_options.hpp"

namespace xlsnap::cli {

void declare(CLI::App &verb, RenameCommand &command) {
    add_domain(verb, command.domain)->required();
    add_name(verb, command.name)->required();
    add_text(verb, "NEW_NAME", command.new_name, "NAME", "its name from now on")->required();
    add_dry_run(verb, command.dry_run);
}

void declare(CLI::App &verb, DescribeCommand &command) {
    add_domain(verb, command.domain)->required();
    add_name(verb, command.name)->required();
    verb.add_option("DESCRIPTION", command.description, "the new text; empty: none")->required();
    add_dry_run(verb, command.dry_run);
}

void declare(CLI::App &verb, ProtectCommand &command) {
    add_domain(verb, command.domain)->required();
    add_name(verb, command.name)->required();
    verb.add_flag("--off", command.off, "protect it no more");
    add_dry_run(verb, command.dry_run);
}

void declare(CLI::App &verb, CurrentCommand &command) {
    add_domain(verb, command.domain)->required();
    CLI::Option *name = add_name(verb, command.name);
    CLI::Option *none = verb.add_flag("--none", command.none, "no snapshot is current any more");
    none->excludes(name);
    add_json(verb, command.json);
    verb.get_option("--json")->excludes(name)->excludes(none);
    add_dry_run(verb, command.dry_run);
    verb.parse_complete_callback([&command] {
        if (command.dry_run && command.name.empty() && !command.none)
            throw CLI::RequiresError("--dry-run", "NAME or --none");
    });
}

void declare(CLI::App &verb, RebuildCommand &command) {
    add_domain(verb, command.domain);
    add_xl_config(verb, command.xl_config);
    add_dry_run(verb, command.dry_run);
    verb.parse_complete_callback([&command] { require_domain(command.domain, command.xl_config); });
}

void declare(CLI::App &verb, ImportXmlCommand &command) {
    add_text(verb, "FILE", command.file, "FILE", "file with a <domainsnapshot> of libvirt")
        ->required();
    add_domain(verb, command.domain);
    CLI::Option *check =
        verb.add_flag("--check", command.check, "say whether the file is acceptable, and no more");
    verb.add_flag("--quiet", command.quiet, "with --check: the exit status alone says it")
        ->needs(check);
    add_dry_run(verb, command.dry_run);
    verb.get_option("--dry-run")->excludes(check);
}

void declare(CLI::App &verb, MonitorCommand &command) {
    add_domain(verb, command.domain)->required();
    verb.add_flag("--foreground", command.foreground, "stay in the foreground, and log there")
        ->excludes(add_text(verb, "--log", command.log, "FILE",
                            "file to append the log to (default: that of xl)"));
}

} // namespace xlsnap::cli
