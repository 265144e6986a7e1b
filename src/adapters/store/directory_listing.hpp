// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/durable_directory.hpp"
#include "base/result.hpp"

namespace xlsnap {

struct ListedFile {
    std::string name;
    std::uint64_t inode = 0;
};

// What is in the directory at one instant, in no order, without "." and "..": the kernel lets
// nobody change a directory while it answers one call, and the buffer has room for 15,000 of the
// longest names, or 70,000 of common length. A directory that has more, or whose file system
// answers in pieces, is listed while others change it: a file renamed just then may be missing.
Result<std::vector<ListedFile>> list_directory(const DurableDirectory &directory);

// Removes the directory `name` of `parent`, which is open as `directory`, when nothing is in it but
// temporary files of records, which only a crash leaves, and the file `last`, if that is given,
// which goes last. Else nothing is done. Nobody else may be at work in it.
Status remove_when_empty(const DurableDirectory &parent, const std::string &name,
                         const DurableDirectory &directory, const std::string &last = {});

} // namespace xlsnap
