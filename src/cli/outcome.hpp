// SPDX-License-Identifier: LGPL-2.1-only
//
// How verbs say what they did.
#pragma once

#include <string>
#include <string_view>

#include "libxl_snapshot.h"

namespace xlsnap::cli {

// The flag when the option is given.
[[nodiscard]] constexpr unsigned flag_if(bool option, unsigned flag) {
    return option ? flag : 0;
}

// What a domain is called in messages: its name, else its uuid.
[[nodiscard]] std::string called(const libxl_snapshot_domain &domain);

// A text on standard output, which main() checks for failures at the end.
void print(const std::string &text);

// Whole lines, for programs as they are; on a terminal each is made printable.
void print_lines(std::string_view lines);

// "WHO: TEXT" on standard output; after a dry run, the plan instead.
void tell(const std::string &who, const std::string &text);
void tell(const libxl_snapshot_domain &domain, const std::string &text);
void tell_or_plan(bool dry_run, const libxl_snapshot_domain &domain, const std::string &text);

// What somebody has to know besides, on standard error.
void warn(const std::string &text);

} // namespace xlsnap::cli
