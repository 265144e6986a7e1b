// SPDX-License-Identifier: LGPL-2.1-only
#include "cli/command_line.hpp"

#include <algorithm>
#include <memory>
#include <sstream>

#include <fmt/format.h>

#include "cli/outcome.hpp"
#include "cli/verb_options.hpp"

namespace xlsnap::cli {

namespace {

// What a value is stands behind its option. What excludes what, an error tells.
class HelpFormatter : public CLI::Formatter {
  public:
    HelpFormatter() {
        label("SUBCOMMAND", "COMMAND");
        label("Positionals", "Arguments");
    }

    std::string make_option(const CLI::Option *option, bool is_positional) const override {
        std::string head = make_option_name(option, is_positional);
        if (!is_positional && option->get_type_size() != 0)
            head += " " + option->get_type_name();
        std::stringstream out;
        CLI::detail::format_help(out, head, make_option_desc(option), get_column_width());
        return out.str();
    }
};

// An argument that nothing takes; rather an option, since what stands behind it is then out of
// place.
std::string unexpected_one(const CLI::App &app) {
    const std::vector<std::string> unexpected = app.remaining(true);
    const auto option = std::ranges::find_if(
        unexpected, [](const std::string &argument) { return argument.starts_with('-'); });
    return option == unexpected.end() ? unexpected.front() : *option;
}

// One line that says what to do, as all errors are.
std::string told(const CLI::App &app, const CLI::ParseError &error) {
    const std::vector<CLI::App *> verbs = app.get_subcommands();
    const bool unexpected = !app.remaining(true).empty();
    if (!verbs.empty()) {
        const std::string verb = verbs.front()->get_name();
        const std::string what = dynamic_cast<const CLI::ExtrasError *>(&error) != nullptr
                                     ? fmt::format("{} takes no '{}'", verb, unexpected_one(app))
                                     : error.what();
        return fmt::format("{}; see xlsnap {} --help", what, verb);
    }
    if (dynamic_cast<const CLI::RequiredError *>(&error) == nullptr)
        return fmt::format("{}; see xlsnap --help", error.what());
    return unexpected ? fmt::format("there is no command or option '{}'; see xlsnap --help",
                                    unexpected_one(app))
                      : "name a command; see xlsnap --help";
}

// The verb `name`; `line` gets its command when it is the one that is given.
template <typename C>
void add_verb(CLI::App &app, CommandLine &line, const std::string &name,
              const std::string &description, const std::string &group = "Commands") {
    CLI::App *verb = app.add_subcommand(name, description)->group(group);
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
    const std::string group = "Other names";
    add_verb<CreateCommand>(app, line, "snapshot-create", "the same as create", group);
    add_verb<RevertCommand>(app, line, "snapshot-revert", "the same as revert", group);
    add_verb<DeleteCommand>(app, line, "snapshot-delete", "the same as delete", group);
    add_verb<ListCommand>(app, line, "snapshot-list", "the same as list", group);
    add_verb<StartCommand>(app, line, "start-with-snapshot", "the same as start", group);
    add_verb<StartCommand>(app, line, "create-with-snapshot", "the same as start", group);
}

} // namespace

Parsed parse(int argc, char **argv) {
    Parsed parsed;
    CLI::App app("Domain snapshots for Xen: memory, disks and configuration at one instant.",
                 "xlsnap");
    app.set_help_flag("-h,--help", "print this");
    app.set_version_flag("--version", "xlsnap " XLSNAP_VERSION, "print the version");
    app.add_flag("-v,--verbose", parsed.line.verbose, "say how long each step takes");
    app.add_option("--conf", parsed.line.settings_path,
                   "settings instead of /etc/xlsnap/xlsnap.conf")
        ->type_name("FILE");
    app.require_subcommand(1);
    app.formatter(std::make_shared<HelpFormatter>());
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
    } catch (const CLI::Success &success) {
        parsed.exit_status = app.exit(success);
    } catch (const CLI::ParseError &error) {
        warn(told(app, error));
        parsed.exit_status = kUsageError;
    }
    return parsed;
}

} // namespace xlsnap::cli
