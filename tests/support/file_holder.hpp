// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <sys/types.h>

#include <string>

namespace xlsnap::test {

// A child process that has one file open.
class FileHolder {
  public:
    // Returns when the child has opened the file with these flags of open(2). Throws when it
    // cannot.
    FileHolder(const std::string &path, int flags);
    FileHolder(const FileHolder &) = delete;
    FileHolder &operator=(const FileHolder &) = delete;
    FileHolder(FileHolder &&) = delete;
    FileHolder &operator=(FileHolder &&) = delete;
    ~FileHolder() { leave(); }

    [[nodiscard]] pid_t pid() const { return pid_; }

    // Returns when the child is gone. May be called from another thread, and twice.
    void leave();

  private:
    pid_t pid_;
    bool gone_ = false;
};

} // namespace xlsnap::test
