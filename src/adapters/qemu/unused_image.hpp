// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>

#include "base/result.hpp"
#include "ports/image_users.hpp"

namespace xlsnap {

// Nobody has the image open; NotReady, naming who has, when it is to be changed and somebody has.
[[nodiscard]] Status expect_unused(ImageUsers &users, const std::string &path);

// Nobody writes the image, or may: what is read of it stays as it is.
[[nodiscard]] Status expect_unwritten(ImageUsers &users, const std::string &path);

} // namespace xlsnap
