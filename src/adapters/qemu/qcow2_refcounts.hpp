// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "adapters/qemu/qcow2_header.hpp"

namespace xlsnap {

// The refcounts of an image's clusters. One block of them is kept: whoever asks in the order of the
// clusters reads each block once. The header must outlive this.
class Qcow2Refcounts {
  public:
    Qcow2Refcounts(const Qcow2File &file, const Qcow2Header &header)
        : file_(file), header_(header) {}

    // `cluster` is its place in the image, in clusters.
    Result<std::uint64_t> of(std::uint64_t cluster);

  private:
    Status load_block(std::uint64_t index);

    const Qcow2File &file_;
    const Qcow2Header &header_;
    std::optional<std::uint64_t> loaded_; // the index of the block
    std::vector<std::byte> block_;        // empty: all its refcounts are 0
};

} // namespace xlsnap
