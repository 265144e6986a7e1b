// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include "ports/watchers.hpp"

namespace xlsnap {

// Processes of xlsnap agree by locks, one file per uuid, in a folder that is empty after a reboot
// of the host, as the list of domains is. xl's process is found by what it leaves to see in /proc.
// Both are looked at again and again until the deadline. Needs root.
class PosixWatchers final : public Watchers {
  public:
    explicit PosixWatchers(std::string lock_folder = "/run/xlsnap", std::string proc_root = "/proc")
        : lock_folder_(std::move(lock_folder)), proc_root_(std::move(proc_root)) {}

    Result<std::unique_ptr<Watch>> claim(const std::string &uuid, DomainId domid,
                                         std::chrono::milliseconds deadline) override;
    Result<std::optional<int>> wait_for_xl(const Domain &domain,
                                           std::chrono::milliseconds deadline) override;

  private:
    std::string lock_folder_;
    std::string proc_root_;
};

} // namespace xlsnap
