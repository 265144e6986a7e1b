// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "core/image_chain.hpp"

namespace xlsnap {

// What ports/image_chains.hpp says of `backed_images`. Whatever lies in the directory is met with
// the least that is possible: a file that QEMU could not open as an overlay is passed over.
[[nodiscard]] Result<std::vector<BackedImage>> read_backed_images(const std::string &directory);

} // namespace xlsnap
