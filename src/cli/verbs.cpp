// SPDX-License-Identifier: LGPL-2.1-only
#include "cli/verbs.hpp"

#include <cstdlib>
#include <type_traits>
#include <variant>

namespace xlsnap::cli {

int run(const CommandLine &line) {
    Session session(line);
    return std::visit(
        [&session](const auto &command) {
            if constexpr (std::is_void_v<decltype(run(command, session))>) {
                run(command, session);
                return EXIT_SUCCESS;
            } else {
                return run(command, session);
            }
        },
        line.command);
}

} // namespace xlsnap::cli
