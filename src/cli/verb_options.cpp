// SPDX-License-Identifier: LGPL-2.1-only
#include "cli/verb_options.hpp"

#include <algorithm>

namespace xlsnap::cli {

namespace {

std::string refuse_empty(const std::string &text) {
    return text.empty() ? "the text is empty" : "";
}

std::string refuse_what_is_no_file(const std::string &text) {
    const bool is_file =
        text.find('/') != std::string::npos || text.ends_with(".cfg") || text.ends_with(".xl");
    return is_file ? "" : "'" + text + "' is a domain";
}

void refuse_options_of_the_catalog(const CLI::App &verb, const std::string &also_allowed) {
    const std::vector<std::string> allowed = {"--no-catalog", "--memory-path", "--disk-only",
                                              "--disk",       "--name",        "DOMAIN",
                                              "--help",       also_allowed};
    for (const CLI::Option *option : verb.get_options())
        if (option->count() != 0 && std::ranges::find(allowed, option->get_name()) == allowed.end())
            throw CLI::ExcludesError("--no-catalog", option->get_name());
}

} // namespace

CLI::Option *add_text(CLI::App &verb, const std::string &names, std::string &value,
                      const std::string &what, const std::string &description) {
    return verb.add_option(names, value, description)
        ->type_name(what)
        ->check(CLI::Validator(refuse_empty, ""));
}

CLI::Option *add_domain(CLI::App &verb, std::string &domain) {
    return add_text(verb, "DOMAIN", domain, "DOMAIN", "name, domid or uuid of the domain");
}

CLI::Option *add_name(CLI::App &verb, std::string &name) {
    return add_text(verb, "NAME,-n,--name", name, "NAME", "name of the snapshot");
}

void add_information_file(CLI::App &verb, std::string &file) {
    verb.validate_positionals();
    verb.add_option("CONFIGFILE", file,
                    "snapshot information file: FILE.cfg, FILE.xl or with a '/'")
        ->check(CLI::Validator(refuse_what_is_no_file, ""));
}

void add_xl_config(CLI::App &verb, std::string &xl_config) {
    add_text(verb, "--config", xl_config, "XL.CFG", "configuration of a domain that does not run");
}

void require_domain(const std::string &domain, const std::string &xl_config) {
    if (domain.empty() && xl_config.empty())
        throw CLI::RequiredError("DOMAIN");
}

CLI::Option *add_disks(CLI::App &verb, std::vector<DiskChoice> &disks, const std::string &what,
                       const std::string &description) {
    return verb
        .add_option_function<std::vector<std::string>>(
            "--disk",
            [&disks](const std::vector<std::string> &arguments) {
                for (const std::string &argument : arguments)
                    disks.push_back(read_value("--disk", argument, parse_disk_choice));
            },
            description)
        ->type_name(what)
        ->allow_extra_args(false);
}

void add_run_state(CLI::App &verb, bool &paused, bool &running) {
    verb.add_flag("--paused", paused, "leave the domain paused")
        ->excludes(verb.add_flag("--running", running,
                                 "let the domain run, whatever it did when the snapshot was made"));
}

void add_json(CLI::App &verb, bool &json) {
    verb.add_flag("--json", json, "print JSON");
}

void add_dry_run(CLI::App &verb, bool &dry_run) {
    verb.add_flag("--dry-run", dry_run, "say what would be done, and touch nothing");
}

void add_no_catalog(CLI::App &verb, NoCatalog &no_catalog) {
    verb.add_flag("--no-catalog", no_catalog.flag, "keep no record and look at none");
    add_text(verb, "--memory-path", no_catalog.memory_path, "FILE",
             "file of the memory image; implies --no-catalog");
}

void add_no_catalog_disks(CLI::App &verb, NoCatalog &no_catalog) {
    verb.add_flag("--disk-only", no_catalog.disk_only, "with --no-catalog: without memory");
    add_disks(verb, no_catalog.disks, "VDEV",
              "with --no-catalog: a disk that takes part, instead of all");
}

void check_no_catalog(const CLI::App &verb, const NoCatalog &no_catalog,
                      const std::string &also_allowed) {
    if (!no_catalog.is_asked()) {
        if (no_catalog.disk_only)
            throw CLI::RequiresError("--disk-only", "--no-catalog");
        if (!no_catalog.disks.empty())
            throw CLI::RequiresError("--disk", "--no-catalog");
        return;
    }
    if (no_catalog.disk_only && !no_catalog.memory_path.empty())
        throw CLI::ExcludesError("--memory-path", "--disk-only");
    if (!no_catalog.disk_only && no_catalog.memory_path.empty())
        throw CLI::RequiredError("--memory-path FILE or --disk-only");
    refuse_options_of_the_catalog(verb, also_allowed);
    for (const char *needed : {"--name", "DOMAIN"})
        if (verb.get_option(needed)->count() == 0)
            throw CLI::RequiredError(needed);
    for (const DiskChoice &disk : no_catalog.disks)
        if (disk.kind != LIBXL_DISK_SNAPSHOT_KIND_DEFAULT)
            throw CLI::ValidationError("--disk", "with --no-catalog it takes a VDEV alone");
}

} // namespace xlsnap::cli
