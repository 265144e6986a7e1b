// SPDX-License-Identifier: LGPL-2.1-only
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <stdexcept>

#include "cli/command_line.hpp"
#include "cli/outcome.hpp"
#include "cli/verbs.hpp"

int main(int argc, char **argv) {
    try {
        const xlsnap::cli::Parsed parsed = xlsnap::cli::parse(argc, argv);
        if (!parsed.go_on)
            return parsed.exit_status;
        const int status = xlsnap::cli::run(parsed.line);
        if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0)
            throw std::runtime_error("cannot write all of the output");
        return status;
    } catch (const xlsnap::cli::UsageError &error) {
        xlsnap::cli::warn(error.what());
        return xlsnap::cli::kUsageError;
    } catch (const std::exception &error) {
        // What it says may hold text of a file.
        xlsnap::cli::warn(error.what());
        return EXIT_FAILURE;
    }
}
