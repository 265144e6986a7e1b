// SPDX-License-Identifier: LGPL-2.1-only
//
// The options of the verbs: declare() writes those of one verb into its structure, and refuses what
// does not go together. What several verbs have is declared here once.
#pragma once

#include <string>

#include <CLI/CLI.hpp>

#include "cli/commands.hpp"

namespace xlsnap::cli {

// options_states.cpp: what makes a state or goes to one.
void declare(CLI::App &verb, CreateCommand &command);
void declare(CLI::App &verb, RevertCommand &command);
void declare(CLI::App &verb, StartCommand &command);

// options_removal.cpp
void declare(CLI::App &verb, DeleteCommand &command);
void declare(CLI::App &verb, PruneCommand &command);

// options_records.cpp: what changes nothing but records, and monitor.
void declare(CLI::App &verb, RenameCommand &command);
void declare(CLI::App &verb, DescribeCommand &command);
void declare(CLI::App &verb, ProtectCommand &command);
void declare(CLI::App &verb, CurrentCommand &command);
void declare(CLI::App &verb, RebuildCommand &command);
void declare(CLI::App &verb, ImportXmlCommand &command);
void declare(CLI::App &verb, MonitorCommand &command);

// options_view.cpp: what only shows.
void declare(CLI::App &verb, ListCommand &command);
void declare(CLI::App &verb, TreeCommand &command);
void declare(CLI::App &verb, InfoCommand &command);
void declare(CLI::App &verb, ConfigCommand &command);
void declare(CLI::App &verb, VerifyCommand &command);
void declare(CLI::App &verb, DumpXmlCommand &command);

// A text that must not be empty. `what`, in capitals, is what help calls it.
CLI::Option *add_text(CLI::App &verb, const std::string &names, std::string &value,
                      const std::string &what, const std::string &description);

// DOMAIN, and NAME behind it or by -n. Both may be missing unless the caller says ->required().
CLI::Option *add_domain(CLI::App &verb, std::string &domain);
CLI::Option *add_name(CLI::App &verb, std::string &name);

// CONFIGFILE in front of DOMAIN. An argument is taken for it when it holds a '/' or ends in ".cfg"
// or ".xl"; whether there is such a file does not matter.
void add_information_file(CLI::App &verb, std::string &file);

// --config, which names a domain that does not run as well as DOMAIN does. One of them is needed.
void add_xl_config(CLI::App &verb, std::string &xl_config);
void require_domain(const std::string &domain, const std::string &xl_config);

// --disk, which may be repeated.
CLI::Option *add_disks(CLI::App &verb, std::vector<DiskChoice> &disks, const std::string &what,
                       const std::string &description);

// --paused and --running, which exclude each other.
void add_run_state(CLI::App &verb, bool &paused, bool &running);

void add_json(CLI::App &verb, bool &json);
void add_dry_run(CLI::App &verb, bool &dry_run);

// --no-catalog and --memory-path; --disk-only and --disk of a verb that has them for these alone;
// and what goes together.
void add_no_catalog(CLI::App &verb, NoCatalog &no_catalog);
void add_no_catalog_disks(CLI::App &verb, NoCatalog &no_catalog);
void check_no_catalog(const CLI::App &verb, const NoCatalog &no_catalog,
                      const std::string &also_allowed = {});

// The value of an option by a function that throws std::runtime_error for what it does not allow.
template <typename Read>
auto read_value(const char *option, const std::string &text, const Read &read) {
    try {
        return read(text);
    } catch (const std::runtime_error &error) {
        throw CLI::ValidationError(option, error.what());
    }
}

} // namespace xlsnap::cli
