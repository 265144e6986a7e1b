// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <dirent.h>

#include <memory>
#include <optional>

namespace xlsnap {

// The entries of one directory, in no order, without "." and "..".
class DirectoryEntries {
  public:
    // Nothing when it cannot be opened; errno says why. `at` is an open directory or AT_FDCWD.
    static std::optional<DirectoryEntries> open(int at, const char *name);

    // nullptr at the end, which is also what a directory shows that vanishes meanwhile, as those
    // of ended processes do. The name is valid until the next call.
    const char *next();

    [[nodiscard]] int fd() const { return ::dirfd(directory_.get()); }

  private:
    struct Close {
        void operator()(DIR *directory) const { ::closedir(directory); }
    };

    explicit DirectoryEntries(DIR *directory) : directory_(directory) {}

    std::unique_ptr<DIR, Close> directory_;
};

} // namespace xlsnap
