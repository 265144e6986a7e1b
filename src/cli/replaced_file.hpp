// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>

namespace xlsnap::cli {

// Gives a file that holds `before` the content `after`, in one moment, and keeps its mode and its
// owner. A symbolic link is followed. What it held stays beside it in a new file FILE.bak-DATE,
// whose path is returned; after a failure there is none. Throws std::runtime_error for a file that
// has changed meanwhile, too.
std::string replace_file(const std::string &path, const std::string &before,
                         const std::string &after);

// Throws what replace_file() would for a file of its kind: none that is regular, or one that has
// other names (hard links) too.
void check_replaceable(const std::string &path);

} // namespace xlsnap::cli
