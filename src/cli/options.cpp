// SPDX-License-Identifier: LGPL-2.1-only
#include "cli/options.hpp"

#include <CLI/CLI.hpp>

namespace xlsnap::cli {

namespace {

constexpr int kUsageError = 2;

// DOMAIN and --help, which every command has.
CLI::App *add_command(CLI::App &app, Options &options, Command command, const std::string &name,
                      const std::string &description) {
    CLI::App *sub = app.add_subcommand(name, description);
    sub->add_option("DOMAIN", options.domain, "name or domid")->required();
    sub->callback([&options, command] { options.command = command; });
    return sub;
}

// create, revert and delete, which say of what snapshot they are.
CLI::App *add_snapshot_command(CLI::App &app, Options &options, Command command,
                               const std::string &name, const std::string &description) {
    CLI::App *sub = add_command(app, options, command, name, description);
    sub->add_option("-n,--name", options.name, "name of the snapshot")->required();
    CLI::Option *memory =
        sub->add_option("--memory-path", options.memory_path, "file of the memory image");
    CLI::Option *disk_only =
        sub->add_flag("--disk-only", options.disk_only, "the disks alone, without memory");
    memory->excludes(disk_only);
    sub->add_option("--disk", options.vdevs,
                    "a disk to take part, such as xvda; may be repeated (default: every writable "
                    "disk)")
        ->allow_extra_args(false);
    sub->callback([&options, command] {
        options.command = command;
        if (options.memory_path.empty() && !options.disk_only)
            throw CLI::RequiredError("--memory-path FILE or --disk-only");
    });
    return sub;
}

} // namespace

Parsed parse(int argc, char **argv) {
    Parsed parsed;
    CLI::App app("Domain snapshots for Xen: memory, disks and configuration at one instant.",
                 "xlsnap");
    app.set_version_flag("--version", "xlsnap " XLSNAP_VERSION);
    app.add_flag("-v,--verbose", parsed.options.verbose, "say how long each step takes");
    app.require_subcommand(1);
    add_snapshot_command(app, parsed.options, Command::Create, "create",
                         "take a snapshot of a domain");
    add_snapshot_command(app, parsed.options, Command::Revert, "revert",
                         "take a domain back to a snapshot; what it did since is lost")
        ->add_flag("--paused", parsed.options.paused, "leave the domain paused");
    add_snapshot_command(app, parsed.options, Command::Delete, "delete", "delete a snapshot");
    CLI::App *monitor =
        add_command(app, parsed.options, Command::Monitor, "monitor",
                    "handle a domain's shutdowns, reboots and crashes until it is gone");
    monitor
        ->add_flag("--foreground", parsed.options.foreground,
                   "stay in the foreground, and log there")
        ->excludes(monitor->add_option("--log", parsed.options.log,
                                       "file to append the log to (default: that of xl)"));
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
