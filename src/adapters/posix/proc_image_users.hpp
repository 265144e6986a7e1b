// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstdint>

#include "ports/image_users.hpp"

namespace xlsnap {

// Finds the users of an image in what the kernel shows below /proc and /sys. Files are compared by
// what they are, not by name. This process itself is not counted. Needs root; where even root may
// not look at some process, the kernel is asked whether anybody has the image open, and "nobody" is
// never the answer of one who cannot know. It sees this host only: another host that has the image
// open over a shared file system is not found.
class ProcImageUsers final : public ImageUsers {
  public:
    explicit ProcImageUsers(std::string proc_root = "/proc", std::string sys_root = "/sys");

    Result<std::vector<ImageUser>> of(const std::string &path) override;
    Status wait_until_unused(const std::vector<std::string> &paths,
                             std::chrono::milliseconds deadline) override;
    Status wait_until_unwritten(const std::vector<std::string> &paths,
                                std::chrono::milliseconds deadline) override;

  private:
    enum class InTheWay : std::uint8_t { Everybody, Writers };
    [[nodiscard]] Status wait_for(const std::vector<std::string> &paths, InTheWay who,
                                  std::chrono::milliseconds deadline) const;
    [[nodiscard]] Result<std::vector<std::vector<ImageUser>>>
    look(const std::vector<std::string> &paths) const;

    std::string proc_root_;
    std::string sys_root_;
};

} // namespace xlsnap
