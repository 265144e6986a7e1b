// SPDX-License-Identifier: LGPL-2.1-only
#include "cli/verb_options.hpp"

namespace xlsnap::cli {

namespace {

void add_compression(CLI::App &verb, std::optional<libxl_snapshot_compression> &compression) {
    verb.add_option_function<std::string>(
            "--compress",
            [&compression](const std::string &word) {
                compression = word == "zstd" ? LIBXL_SNAPSHOT_COMPRESSION_ZSTD
                                             : LIBXL_SNAPSHOT_COMPRESSION_NONE;
            },
            "compress the memory image when the guest goes on: zstd or none")
        ->type_name("KIND")
        ->excludes(verb.get_option("--disk-only"))
        ->check(CLI::IsMember({"zstd", "none"}));
}

std::string refuse_relative(const std::string &path) {
    return path.starts_with('/') ? "" : "'" + path + "' is no absolute path";
}

void check_create(const CLI::App &verb, CreateCommand &command) {
    if (command.no_catalog.is_asked()) {
        command.no_catalog.disk_only = command.disk_only;
        command.no_catalog.disks = command.disks;
    }
    check_no_catalog(verb, command.no_catalog);
    if (command.paused && !command.xl_config.empty())
        throw CLI::ValidationError("--paused", "a domain that does not run cannot be left paused, "
                                               "and --config is of such a one");
    require_domain(command.domain, command.xl_config);
}

void check_start(const StartCommand &command) {
    require_domain(command.domain, command.xl_config);
    if (command.force && command.name.empty())
        throw CLI::ValidationError("--force", "it goes with the name of a snapshot; the state that "
                                              "the domain was in last needs no force");
}

void check_revert(const CLI::App &verb, const RevertCommand &command) {
    check_no_catalog(verb, command.no_catalog, "--paused");
    if (!command.information_file.empty())
        return;
    if (command.domain.empty())
        throw CLI::RequiredError("DOMAIN");
    if (command.name.empty())
        throw CLI::RequiredError("--name");
}

} // namespace

void declare(CLI::App &verb, CreateCommand &command) {
    add_information_file(verb, command.information_file);
    add_domain(verb, command.domain);
    add_name(verb, command.name);
    verb.add_option("--description", command.description, "text that goes with the snapshot");
    verb.add_flag("--disk-only,--no-memory", command.disk_only, "the disks alone, without memory");
    add_text(verb, "--memory-file", command.memory_file, "FILE",
             "file of the memory image, instead of the catalog's own")
        ->excludes(verb.get_option("--disk-only"));
    add_compression(verb, command.compression);
    verb.add_flag("--live", command.live, "let the guest run while most of its memory is written");
    add_disks(verb, command.disks, "VDEV[=KIND][,path=FILE][,format=FORMAT]",
              "how the disk takes part; KIND: internal, external, none");
    add_text(verb, "--overlay-directory", command.overlay_directory, "DIR",
             "where overlays go that are given no path, instead of beside their images")
        ->check(CLI::Validator(refuse_relative, ""));
    verb.add_flag("--paused", command.paused, "leave the domain paused");
    add_xl_config(verb, command.xl_config);
    add_text(verb, "--xml", command.xml_file, "FILE", "file with a <domainsnapshot> of libvirt");
    add_json(verb, command.json);
    add_dry_run(verb, command.dry_run);
    add_no_catalog(verb, command.no_catalog);
    verb.get_option("--xml")->excludes(verb.get_option("CONFIGFILE"));
    verb.parse_complete_callback([&verb, &command] { check_create(verb, command); });
}

void declare(CLI::App &verb, RevertCommand &command) {
    add_information_file(verb, command.information_file);
    add_domain(verb, command.domain);
    add_name(verb, command.name)->excludes(verb.get_option("CONFIGFILE"));
    add_run_state(verb, command.paused, command.running);
    verb.add_flag("--keep-current", command.keep_current,
                  "make a snapshot of the present state first");
    verb.add_flag("--force", command.force, "revert though disks differ from those recorded");
    add_json(verb, command.json);
    add_dry_run(verb, command.dry_run);
    add_no_catalog(verb, command.no_catalog);
    add_no_catalog_disks(verb, command.no_catalog);
    verb.parse_complete_callback([&verb, &command] { check_revert(verb, command); });
}

void declare(CLI::App &verb, StartCommand &command) {
    add_domain(verb, command.domain);
    add_name(verb, command.name);
    add_xl_config(verb, command.xl_config);
    add_run_state(verb, command.paused, command.running);
    verb.add_flag("--force", command.force, "start though disks differ from those recorded");
    add_json(verb, command.json);
    add_dry_run(verb, command.dry_run);
    verb.parse_complete_callback([&command] { check_start(command); });
}

} // namespace xlsnap::cli
