// SPDX-License-Identifier: LGPL-2.1-only
//
// What a command line asks for: one structure for each verb. Options that several verbs share are
// called the same in each.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "cli/disk_choice.hpp"
#include "cli/prune.hpp"

namespace xlsnap::cli {

// What is given instead of the records of the catalog, for the functions that keep none.
struct NoCatalog {
    bool flag = false; // --no-catalog
    std::string memory_path;
    bool disk_only = false;
    std::vector<DiskChoice> disks; // empty: every writable disk

    [[nodiscard]] bool is_asked() const { return flag || !memory_path.empty(); }
};

// In all commands: the domain by name, domid or uuid; the snapshot's name, empty when none is
// given.
struct CreateCommand {
    std::string domain; // empty: that of xl_config
    std::string name;
    std::string information_file;
    std::string xml_file;
    std::string xl_config;
    std::optional<std::string> description;
    std::string memory_file; // empty: where the catalog keeps it
    std::optional<libxl_snapshot_compression> compression;
    bool live = false;
    bool paused = false;
    bool json = false;
    bool dry_run = false;
    bool disk_only = false;
    std::vector<DiskChoice> disks;
    std::string overlay_directory; // empty: as the settings say
    NoCatalog no_catalog;
};

struct RevertCommand {
    std::string domain; // empty: the one that has the snapshot of information_file
    std::string name;
    std::string information_file;
    bool paused = false;
    bool running = false;
    bool keep_current = false;
    bool force = false;
    bool json = false;
    bool dry_run = false;
    NoCatalog no_catalog;
};

struct StartCommand {
    std::string domain; // empty: that of xl_config
    std::string name;   // empty: the state that it was in last
    std::string xl_config;
    bool paused = false;
    bool running = false;
    bool force = false;
    bool json = false;
    bool dry_run = false;
};

struct DeleteCommand {
    std::string domain;
    std::string name;
    bool children = false;
    bool children_only = false;
    bool metadata_only = false;
    bool merge = false;
    bool discard = false;
    bool force = false;
    bool dry_run = false;
    NoCatalog no_catalog;
};

struct PruneCommand {
    std::string domain;
    PruneRules rules;
    bool json = false;
    bool dry_run = false;
};

struct RenameCommand {
    std::string domain;
    std::string name;
    std::string new_name;
    bool dry_run = false;
};

struct DescribeCommand {
    std::string domain;
    std::string name;
    std::string description;
    bool dry_run = false;
};

struct ProtectCommand {
    std::string domain;
    std::string name;
    bool off = false;
    bool dry_run = false;
};

struct CurrentCommand {
    std::string domain;
    std::string name; // empty: show it, unless `none`
    bool none = false;
    bool json = false;
    bool dry_run = false;
};

struct ListCommand {
    std::string domain; // empty: all
    std::string name;   // empty: all
    std::optional<std::string> from;
    unsigned filter = 0; // LIBXL_SNAPSHOT_LIST_*
    bool show_long = false;
    bool names_only = false; // without a domain: those of the domains
    bool json = false;
};

struct TreeCommand {
    std::string domain; // empty: all
    bool json = false;
};

struct InfoCommand {
    std::string domain;
    std::string name; // empty: the current one
    bool as_file = false;
    bool json = false;
};

struct ConfigCommand {
    std::string domain; // empty: that of rewrite_file
    std::string name;   // empty: the current one
    std::string rewrite_file;
    bool dry_run = false;
};

struct VerifyCommand {
    std::string domain;
    std::string name; // empty: all
    bool json = false;
};

struct RebuildCommand {
    std::string domain; // empty: that of xl_config
    std::string xl_config;
    bool dry_run = false;
};

struct DumpXmlCommand {
    std::string domain;
    std::string name; // empty: the current one
};

struct ImportXmlCommand {
    std::string file;
    std::string domain; // empty: the one that the file names
    bool check = false;
    bool quiet = false;
    bool dry_run = false;
};

struct MonitorCommand {
    std::string domain;
    bool foreground = false;
    std::string log; // empty: where xl has its log
};

using Command =
    std::variant<CreateCommand, RevertCommand, StartCommand, DeleteCommand, PruneCommand,
                 RenameCommand, DescribeCommand, ProtectCommand, CurrentCommand, ListCommand,
                 TreeCommand, InfoCommand, ConfigCommand, VerifyCommand, RebuildCommand,
                 DumpXmlCommand, ImportXmlCommand, MonitorCommand>;

} // namespace xlsnap::cli
