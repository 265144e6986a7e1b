// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace xlsnap {

// Files that are one frame of zstd (RFC 8878), as `zstd FILE` makes them. libzstd is used nowhere
// else.

inline constexpr std::size_t kZstdMagicSize = 4;

// True when a frame begins with these bytes.
[[nodiscard]] bool begins_with_zstd_magic(std::string_view bytes);

// Writes the `size` bytes of `from`, from its first to its last, to `to` as one frame, which states
// its size and has a checksum. Fail when `from` is not that long. `path` names `to` in messages.
Status compress_to_frame(int from, std::uint64_t size, int to, const std::string &path);

// How much comes out of the frame that the file is, as it states itself. Invalid when it does not
// state it.
Result<std::uint64_t> size_of_content(int fd);

// Writes what comes out of the frame that the file is to `to`: never more than `size`, which is
// what the frame states. Invalid, naming the place in the file, when the frame is damaged, cut
// short or not the whole file. `path` names `to` in messages.
Status decompress_frame(int from, std::uint64_t size, int to, const std::string &path);

// What comes out first, `length` bytes at most; as much as there is of a frame that is damaged or
// none.
Result<std::string> beginning_of_content(int fd, std::size_t length);

} // namespace xlsnap
