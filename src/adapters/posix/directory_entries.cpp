// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/posix/directory_entries.hpp"

#include <fcntl.h>

#include <string_view>

#include "base/unique_fd.hpp"

namespace xlsnap {

std::optional<DirectoryEntries> DirectoryEntries::open(int at, const char *name) {
    UniqueFd fd(::openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    DIR *directory = fd.valid() ? ::fdopendir(fd.get()) : nullptr;
    if (directory == nullptr)
        return std::nullopt;
    static_cast<void>(fd.release()); // closedir() closes it
    return DirectoryEntries(directory);
}

const char *DirectoryEntries::next() {
    for (;;) {
        const dirent *entry = ::readdir(directory_.get());
        if (entry == nullptr)
            return nullptr;
        const std::string_view name = entry->d_name;
        if (name != "." && name != "..")
            return entry->d_name;
    }
}

} // namespace xlsnap
