// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <memory>
#include <string>

#include "base/durable_directory.hpp"
#include "base/unique_fd.hpp"
#include "ports/catalog.hpp"

namespace xlsnap {

// The lock on one domain's directory: flock(2) on the file "lock" in it, which says whose it is if
// there was room to write that. It excludes other processes and other threads of this one. When
// nothing but that file is left in the directory, both go with the lock.
class CatalogFileLock final : public CatalogLock {
  public:
    // What came of one attempt.
    struct Attempt {
        std::unique_ptr<CatalogFileLock> lock;
        std::string
            holder; // without a lock: who has it; empty: the directory has just been removed
    };

    // `directory` is open as `name` in `root`.
    static Result<Attempt> try_lock(DurableDirectory root, const std::string &name,
                                    DurableDirectory directory);

    CatalogFileLock(const CatalogFileLock &) = delete;
    CatalogFileLock &operator=(const CatalogFileLock &) = delete;
    CatalogFileLock(CatalogFileLock &&) = delete;
    CatalogFileLock &operator=(CatalogFileLock &&) = delete;
    ~CatalogFileLock() override;

  private:
    CatalogFileLock(DurableDirectory root, std::string name, DurableDirectory directory,
                    UniqueFd file);

    void sign();

    DurableDirectory root_;
    std::string name_;
    DurableDirectory directory_;
    UniqueFd file_;
};

} // namespace xlsnap
