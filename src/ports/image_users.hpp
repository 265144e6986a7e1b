// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace xlsnap {

struct ImageUser {
    int pid = 0;         // 0: the kernel (a loop device, a block back end)
    std::string command; // for messages
    bool writes = false;
};

// The open-image guard: who has an image open on this host.
class ImageUsers {
  public:
    virtual ~ImageUsers() = default;

    // Empty when nobody has it open. NotFound when there is no such file.
    virtual Result<std::vector<ImageUser>> of(const std::string &path) = 0;

    // Returns when nobody has any of the images open; TimedOut, naming who has which, when that
    // does not come true in time. A destroyed domain's QEMU takes a moment to exit.
    virtual Status wait_until_unused(const std::vector<std::string> &paths,
                                     std::chrono::milliseconds deadline) = 0;

    // The same for those who write, or may: a reader, such as a backup, may stay.
    virtual Status wait_until_unwritten(const std::vector<std::string> &paths,
                                        std::chrono::milliseconds deadline) = 0;
};

} // namespace xlsnap
