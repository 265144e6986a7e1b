// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>
#include <vector>

#include "cli/screen.hpp"

namespace xlsnap::cli {

struct TreeEntry {
    std::string name;
    std::string parent; // empty: a root; so is one whose parent is not among the entries
    std::string note;   // what the line says behind the name; may be empty
    bool current = false;
};

// The entries as a forest, a line each with a newline: parents above their children, siblings in
// the order given. Entries whose parents go round in a circle are shown all the same, the first as
// a root. Time and text grow with the number of entries alone: from a depth that takes half of the
// screen on (63 without a terminal), lines go no further to the right but name their parent.
[[nodiscard]] std::string draw_forest(const std::vector<TreeEntry> &entries, const Screen &screen);

} // namespace xlsnap::cli
