// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstdint>
#include <string>

#include "base/result.hpp"
#include "ports/memory_store.hpp"

namespace xlsnap {

// The head of a memory image: the header that xl writes (tools/xl/xl.h in xen.git), the domain's
// configuration, and behind it, where xl ignores it, the trailer that carries the rest of
// MemoryImageInfo. docs/memory-image.md describes every byte.
struct SaveHeader {
    MemoryImageInfo info;
    std::uint64_t stream_position = 0; // of the libxl stream in the file
};

// The bytes that come before the libxl stream. Invalid for a configuration that does not fit.
Result<std::string> encode_save_header(const MemoryImageInfo &info);

// Reads the head of a file of known size. Accepts what stock xl writes, which has no trailer. A
// trailer of a version that is newer than this code is refused with NotImplemented.
Result<SaveHeader> read_save_header(int fd, std::uint64_t file_size);

// True when the bytes are those that every file of `xl save` begins with.
[[nodiscard]] bool begins_with_save_magic(std::string_view bytes);

inline constexpr std::size_t kSaveMagicSize = 32;

} // namespace xlsnap
