// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include "ports/kept_images.hpp"

namespace xlsnap {

// KeptImages by the inode flag that `chattr +i` sets, which takes CAP_LINUX_IMMUTABLE.
class ImmutableImages final : public KeptImages {
  public:
    Result<bool> keep(const std::string &path) override;
    Status release(const std::string &path) override;
    Result<bool> is_kept(const std::string &path) override;
};

} // namespace xlsnap
