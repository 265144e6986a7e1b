// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "ports/toolstack.hpp"

namespace xlsnap {

// The lock that each xl holds from counting the host's free memory until its domain is built
// (acquire_lock in tools/xl/xl_vmcontrol.c), so that two starts do not count the same memory.
class XlLock final : public Room {
  public:
    // NotReady, naming the holder if it can be told, when another process holds it all the time.
    static Result<std::unique_ptr<XlLock>> take(const std::string &path,
                                                std::chrono::milliseconds deadline,
                                                std::chrono::milliseconds poll_interval);

    explicit XlLock(UniqueFd file) : file_(std::move(file)) {}
    XlLock(const XlLock &) = delete;
    XlLock &operator=(const XlLock &) = delete;
    XlLock(XlLock &&) = delete;
    XlLock &operator=(XlLock &&) = delete;
    ~XlLock() override;

  private:
    UniqueFd file_;
};

} // namespace xlsnap
