// SPDX-License-Identifier: LGPL-2.1-only
#include "cli/command_line.hpp"

#include <memory>

#include "cli/verb_options.hpp"

namespace xlsnap::cli {

namespace {

// The verb `name`; `line` gets its command when it is the one that is given.
template <typename C>
void add_verb(CLI::App &app, CommandLine &line, const std::string &name,
              const std::string &description) {
    CLI::App *verb = app.add_subcommand(name, description);
    const auto command = std::make_shared<C>();
    declare(*verb, *command);
    verb->final_callback([&line, command] { line.command = *command; });
}

void add_states(CLI::App &app, CommandLine &line) {
    add_verb<CreateCommand>(app, line, "create", "take a snapshot of a domain");
    add_verb<RevertCommand>(app, line, "revert",
                            "take a domain back to a snapshot; what it did since is lost");
    add_verb<StartCommand>(app, line, "start",
                           "start a domain from a snapshot, or from the state it was in last");
    add_verb<DeleteCommand>(app, line, "delete", "delete a snapshot; the present state stays");
    add_verb<PruneCommand>(app, line, "prune", "delete old snapshots");
}

void add_views(CLI::App &app, CommandLine &line) {
    add_verb<ListCommand>(app, line, "list", "list the snapshots of a domain, or of all");
    add_verb<TreeCommand>(app, line, "tree", "draw which snapshot was made from which");
    add_verb<InfoCommand>(app, line, "info", "show all about a snapshot");
    add_verb<ConfigCommand>(app, line, "config", "print the domain's configuration in a snapshot");
    add_verb<DumpXmlCommand>(app, line, "dumpxml", "print a snapshot as XML of libvirt");
    add_verb<VerifyCommand>(app, line, "verify", "check that a snapshot can be reverted to");
}

void add_record_changes(CLI::App &app, CommandLine &line) {
    add_verb<RenameCommand>(app, line, "rename", "give a snapshot another name");
    add_verb<DescribeCommand>(app, line, "describe", "set the description of a snapshot");
    add_verb<ProtectCommand>(app, line, "protect", "protect a snapshot from being deleted");
    add_verb<CurrentCommand>(app, line, "current", "show or set the current snapshot");
    add_verb<RebuildCommand>(app, line, "rebuild", "write lost records again from their copies");
    add_verb<ImportXmlCommand>(app, line, "import-xml", "make a record from XML of libvirt");
}

// What the commands were called when they were thought of for xl and virsh.
void add_old_names(CLI::App &app, CommandLine &line) {
    add_verb<CreateCommand>(app, line, "snapshot-create", "the same as create");
    add_verb<RevertCommand>(app, line, "snapshot-revert", "the same as revert");
    add_verb<DeleteCommand>(app, line, "snapshot-delete", "the same as delete");
    add_verb<ListCommand>(app, line, "snapshot-list", "the same as list");
    add_verb<StartCommand>(app, line, "start-with-snapshot", "the same as start");
    add_verb<StartCommand>(app, line, "create-with-snapshot", "the same as start");
}

} // namespace

Parsed parse(int argc, char **argv) {
    Parsed parsed;
    CLI::App app("Domain snapshots for Xen: memory, disks and configuration at one instant.",
                 "xlsnap");
    app.set_version_flag("--version", "xlsnap " XLSNAP_VERSION);
    app.add_flag("-v,--verbose", parsed.line.verbose, "say how long each step takes");
    app.add_option("--conf", parsed.line.settings_path,
                   "file of settings instead of /etc/xlsnap/xlsnap.conf");
    app.require_subcommand(1);
    add_states(app, parsed.line);
    add_views(app, parsed.line);
    add_record_changes(app, parsed.line);
    add_verb<MonitorCommand>(app, parsed.line, "monitor",
                             "handle a domain's shutdowns, reboots and crashes until it is gone");
    add_old_names(app, parsed.line);
    app.footer("An operation that has begun goes on to its end, control-c or not.");
    try {
        app.parse(argc, argv);
        parsed.go_on = true;
    } catch (const CLI::ParseError &error) {
        parsed.exit_status = app.exit(error) == 0 ? 0 : kUsageError;
    }
    return parsed;
}

} // namespace xlsnap::cli
