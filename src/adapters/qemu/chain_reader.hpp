// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>

#include "base/result.hpp"
#include "core/image_chain.hpp"

namespace xlsnap {

// One image, read from its own header and no other file; what `chain` of ports/image_chains.hpp
// says of an image. Errors name the path.
[[nodiscard]] Result<ChainLayer> read_layer(const std::string &path, DiskFormat format);

// The image and all that it stands on, layer by layer.
[[nodiscard]] Result<ImageChain> read_chain(const std::string &path, DiskFormat format);

// The path of the backing file that the header of `overlay` calls `name`. Invalid when that is not
// the path of a file.
[[nodiscard]] Result<std::string> resolve_backing(const std::string &name,
                                                  const std::string &overlay);

// Invalid unless it begins with '/' and QEMU reads it as the path of a file.
[[nodiscard]] Status expect_plain_path(const std::string &path);

} // namespace xlsnap
