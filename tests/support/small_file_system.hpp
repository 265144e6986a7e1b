// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstdint>
#include <string>

#include "support/temporary_directory.hpp"

namespace xlsnap::test {

// An ext4 file system of its own, mounted from a file: one that can be filled up, and that has the
// immutable flag whatever the machine's file systems have. Takes root.
class SmallFileSystem {
  public:
    explicit SmallFileSystem(unsigned mebibytes);
    SmallFileSystem(const SmallFileSystem &) = delete;
    SmallFileSystem &operator=(const SmallFileSystem &) = delete;
    SmallFileSystem(SmallFileSystem &&) = delete;
    SmallFileSystem &operator=(SmallFileSystem &&) = delete;
    ~SmallFileSystem();

    [[nodiscard]] std::string path() const { return scratch_ / "mounted"; }
    [[nodiscard]] std::string operator/(const std::string &name) const {
        return path() + "/" + name;
    }

    // Leaves so many bytes free, up to a few blocks.
    void leave_free(std::uint64_t bytes) const;
    void free_all() const;

  private:
    TemporaryDirectory scratch_;
};

} // namespace xlsnap::test
