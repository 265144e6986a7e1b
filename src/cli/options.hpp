// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>
#include <vector>

namespace xlsnap::cli {

enum class Command { Create, Revert, Delete, Monitor };

// The command line, parsed and checked for what needs no look at the host.
struct Options {
    Command command = Command::Create;
    std::string domain;      // name or domid
    std::string name;        // of the snapshot
    std::string memory_path; // empty with disk_only
    bool disk_only = false;
    bool paused = false;     // revert only
    bool foreground = false; // monitor only
    std::string log;         // monitor only; empty: where xl has its log
    bool verbose = false;
    std::vector<std::string> vdevs; // empty: every writable disk
};

// Parses argv. On --help, --version or a usage error it prints what is due and says with which
// status to exit.
struct Parsed {
    bool go_on = false;
    int exit_status = 0;
    Options options;
};

[[nodiscard]] Parsed parse(int argc, char **argv);

} // namespace xlsnap::cli
