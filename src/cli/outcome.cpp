// SPDX-License-Identifier: LGPL-2.1-only
#include "cli/outcome.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "cli/screen.hpp"
#include "xlsnap.hpp"

namespace xlsnap::cli {

std::string called(const libxl_snapshot_domain &domain) {
    if (domain.name != nullptr)
        return domain.name;
    return domain.uuid == nullptr ? "the domain" : domain.uuid;
}

void print(const std::string &text) {
    (void)std::fputs(text.c_str(), stdout);
}

void print_lines(std::string_view lines) {
    const Screen screen = screen_of(STDOUT_FILENO);
    while (screen.is_terminal() && !lines.empty()) {
        const std::size_t end = std::min(lines.find('\n'), lines.size());
        print(printable(lines.substr(0, end), screen) + "\n");
        lines.remove_prefix(std::min(end + 1, lines.size()));
    }
    print(std::string(lines));
}

void tell(const std::string &who, const std::string &text) {
    print(printable(who + ": " + text, screen_of(STDOUT_FILENO)) + "\n");
}

void tell(const libxl_snapshot_domain &domain, const std::string &text) {
    tell(called(domain), text);
}

void tell_or_plan(bool dry_run, const libxl_snapshot_domain &domain, const std::string &text) {
    if (!dry_run) {
        tell(domain, text);
        return;
    }
    const std::string steps = plan();
    print_lines(steps + (steps.empty() || steps.ends_with('\n') ? "" : "\n"));
}

void warn(const std::string &text) {
    (void)std::fprintf(stderr, "xlsnap: %s\n", printable(text, screen_of(STDERR_FILENO)).c_str());
}

} // namespace xlsnap::cli
