// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "adapters/libxl/userdata_lock.hpp"
#include "base/durable_directory.hpp"
#include "base/result.hpp"
#include "core/domain.hpp"

namespace xlsnap {

// The files in which libxl keeps what its users say of a domain, one of each user, read and
// replaced under libxl's lock. libxl's own functions hold the lock for one reading or one writing
// alone, so that what another process writes between the two would be lost.
class DomainUserdata {
  public:
    // Holds the lock until it is destroyed (see UserdataLock for what must not be called
    // meanwhile). `directory` is libxl's. That the domain still exists is for the caller to look,
    // behind the lock: whoever destroys it takes the lock too.
    static Result<DomainUserdata> lock(const std::string &directory, DomainId domid,
                                       const std::string &uuid, std::chrono::milliseconds deadline,
                                       std::chrono::milliseconds poll_interval);

    // Nothing when the user has none.
    [[nodiscard]] Result<std::optional<std::string>> read(const std::string &user) const;

    // Returns when it has reached the disk. After a failure the old data or the new are there, and
    // which of them, read() tells.
    [[nodiscard]] Status write(const std::string &user, const std::string &data) const;

    // None to remove is success.
    [[nodiscard]] Status remove(const std::string &user) const;

  private:
    DomainUserdata(DurableDirectory directory, std::string owner, UserdataLock lock)
        : directory_(std::move(directory)), owner_(std::move(owner)), lock_(std::move(lock)) {}

    [[nodiscard]] std::string name_of(char kind, const std::string &user) const;
    [[nodiscard]] Status write_new(const std::string &name, const std::string &data) const;
    [[nodiscard]] Status remove_if_there(const std::string &name) const;

    DurableDirectory directory_;
    std::string owner_; // "DOMID.UUID"
    UserdataLock lock_;
};

} // namespace xlsnap
