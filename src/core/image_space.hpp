// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "core/image_chain.hpp"
#include "core/refusals.hpp"

namespace xlsnap {

// Upper bounds of what an operation takes of the file system, from what the layers have allocated.
// Outside of the bound is what takes less in its layer than where it goes: compressed clusters,
// which no overlay of a running guest has; clusters that are marked as zeroes; and layers on file
// systems that compress (btrfs, ZFS) or allocate in pieces of less than 4 KiB. An image on a block
// device takes nothing: its room is its own.

// The data of the layers `moved`, the first of which has the virtual size that counts, go into
// `target`: the base of a commit, or the top of a stream.
[[nodiscard]] std::uint64_t bytes_for_merge(std::span<const ChainLayer> moved,
                                            const ChainLayer &target, std::uint64_t virtual_bytes);

// A standalone qcow2 copy of what is read through the first layer.
[[nodiscard]] std::uint64_t bytes_for_copy(std::span<const ChainLayer> chain);

// What a revert of the image to a tag of so many bytes writes of tables, when what it writes goes
// into an overlay on the image's file instead.
[[nodiscard]] std::uint64_t bytes_for_revert(const ChainLayer &image, std::uint64_t virtual_bytes);

// What a file system has left.
struct FreeSpace {
    std::uint64_t file_system = 0; // its st_dev, now
    std::uint64_t bytes = 0;
};

// What one operation takes of the file systems that its images lie in, one image after the other.
class SpaceNeeds {
  public:
    void take(const std::string &path, std::uint64_t bytes, const FreeSpace &free);

    // An image is removed that took so much of the file system; what comes afterwards may have it.
    void give_back(std::uint64_t bytes, const FreeSpace &free);

    // Fail, for each file system that has not enough: what is missing, and for which images.
    [[nodiscard]] Refusals refusals() const { return refusals_; }

  private:
    struct Taken {
        std::vector<std::string> paths;
        std::uint64_t bytes = 0;
        bool refused = false;
    };

    std::map<std::uint64_t, Taken> taken_; // by file system
    Refusals refusals_;
};

// Fail, saying what is missing, when `needed` bytes more do not fit beside `path`.
[[nodiscard]] Status expect_space(const std::string &path, std::uint64_t needed,
                                  std::uint64_t free_bytes);

} // namespace xlsnap
