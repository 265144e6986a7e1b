// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <optional>
#include <string>

#include "cli/commands.hpp"

namespace xlsnap::cli {

// The exit status of a command line that is wrong; nothing was touched.
constexpr int kUsageError = 2;

// The command line, parsed and checked for what needs no look at the host.
struct CommandLine {
    bool verbose = false;
    std::optional<std::string> settings_path; // --conf
    Command command;
};

// Parses argv. On --help, --version or a usage error it prints what is due and says with which
// status to exit.
struct Parsed {
    bool go_on = false;
    int exit_status = 0;
    CommandLine line;
};

[[nodiscard]] Parsed parse(int argc, char **argv);

} // namespace xlsnap::cli
