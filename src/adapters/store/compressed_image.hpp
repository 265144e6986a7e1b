// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>

#include "adapters/store/image_place.hpp"
#include "base/result.hpp"
#include "core/memory_compression.hpp"

namespace xlsnap {

// Memory images that are compressed (docs/memory-image.md).

// As the first bytes of the file tell, whatever its name.
Result<MemoryCompression> compression_of(int fd, const std::string &path);

// The first bytes of the image, `length` at most: of a compressed one, those that come out of it.
Result<std::string> beginning_of_image(int fd, std::size_t length, const std::string &path);

// Puts a compressed file in the place of the image, as MemoryStore::compress() promises.
Status compress_image(const OpenedImage &image);

// What comes out of a compressed image, in a file without a name beside it. Invalid when it is
// damaged; Fail when there is no room.
Result<UniqueFd> decompress_image(const OpenedImage &image);

} // namespace xlsnap
