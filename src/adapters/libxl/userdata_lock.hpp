// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <chrono>
#include <string>

#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace xlsnap {

// libxl's lock on what it keeps of one domain in files: whoever reads, changes and writes such a
// file holds it meanwhile (libxl__lock_domain_userdata in tools/libs/light/libxl_internal.c in
// xen.git). It is of flock(2) and the file goes with it, so a file that was locked may be a file
// that is gone.
//
// No function of libxl that takes it may be called meanwhile, not even by this thread: libxl opens
// the file once more and waits without end. They are libxl_userdata_*, the configuration's and
// whatever attaches, detaches or destroys.
class UserdataLock {
  public:
    // NotReady when another process holds it all the time.
    static Result<UserdataLock> take(const std::string &path, std::chrono::milliseconds deadline,
                                     std::chrono::milliseconds poll_interval);

    UserdataLock(const UserdataLock &) = delete;
    UserdataLock &operator=(const UserdataLock &) = delete;
    UserdataLock(UserdataLock &&) = default;
    UserdataLock &operator=(UserdataLock &&) = delete;
    ~UserdataLock();

  private:
    UserdataLock(std::string path, UniqueFd file)
        : path_(std::move(path)), file_(std::move(file)) {}

    std::string path_;
    UniqueFd file_;
};

} // namespace xlsnap
