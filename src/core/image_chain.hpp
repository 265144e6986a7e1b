// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/block_node.hpp"
#include "core/domain.hpp"
#include "core/snapshot_record.hpp"

namespace xlsnap {

// An image as it stands in a chain of overlays.
struct ChainLayer {
    std::string path = {};
    DiskFormat format = DiskFormat::Unknown;
    // What it stands on, as its header says, a relative name taken from the folder of the image;
    // empty: nothing.
    std::string backing = {};
    DiskFormat backing_format = DiskFormat::Unknown;
    std::uint64_t virtual_bytes = 0;   // what a guest sees
    std::uint64_t allocated_bytes = 0; // of the storage; of a block device: all of it
    std::uint64_t cluster_bytes = 0;   // 0: a format without clusters
    bool extended_l2 = false;          // of a qcow2 image: clusters are allocated part by part
    std::vector<Tag> tags = {};
    ImageMark mark = {};

    friend bool operator==(const ChainLayer &, const ChainLayer &) = default;
};

// An image that says that it stands on another one, whoever made it.
struct BackedImage {
    std::string path = {};
    ImageMark mark = {};
    // As ChainLayer::backing; what is not the plain path of a file stands here as the header has
    // it, and begins with no '/'.
    std::string backing = {};
    // Device and inode of what that path leads to; zeros: nothing is there.
    ImageMark backing_mark = {};

    friend bool operator==(const BackedImage &, const BackedImage &) = default;
};

// Whether this is the layer's file.
[[nodiscard]] bool is_file_of(const BackedImage &image, const ChainLayer &layer);

// Whether it stands on the layer, as far as its name for that tells: one that is no plain path may
// hide the layer's, as the "json:" of QEMU does.
[[nodiscard]] bool stands_on(const BackedImage &image, const ChainLayer &layer);

// The image, then what it stands on, down to the one that stands on nothing. Never empty.
using ImageChain = std::vector<ChainLayer>;

} // namespace xlsnap
