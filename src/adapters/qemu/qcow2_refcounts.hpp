// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "adapters/qemu/qcow2_header.hpp"

namespace xlsnap {

// The refcounts of an image's clusters. Each block of them is read once and kept, up to a limit.
// The header must outlive this.
class Qcow2Refcounts {
  public:
    Qcow2Refcounts(const Qcow2File &file, const Qcow2Header &header)
        : file_(file), header_(header) {}

    // `cluster` is its place in the image, in clusters. NotImplemented when too many are asked for.
    Result<std::uint64_t> of(std::uint64_t cluster);

  private:
    using Block = std::vector<std::byte>; // empty: all its refcounts are 0

    Result<Block> read_block(std::uint64_t index) const;

    const Qcow2File &file_;
    const Qcow2Header &header_;
    std::map<std::uint64_t, Block> blocks_; // by index
};

} // namespace xlsnap
