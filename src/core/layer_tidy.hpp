// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/image_layers.hpp"

namespace xlsnap {

// What is done to images that nobody needs as they are any more. Each step leaves every state that
// a snapshot or the domain needs byte for byte what it was.
namespace layer_step {

// Of an image at rest, or of the one that the domain writes to.
struct RemoveTag {
    std::string path;
    std::string tag;

    friend bool operator==(const RemoveTag &, const RemoveTag &) = default;
};

// Nobody needs the image. One that is not ours stays where it is, and is nobody's concern any more.
struct RemoveImage {
    std::string path;
    bool ours = true;

    friend bool operator==(const RemoveImage &, const RemoveImage &) = default;
};

// The data of `upper` go down into `lower`, which takes its place: for the domain, for snapshots
// and for the images that stand on it. Then `upper` is removed.
struct Commit {
    std::string upper;
    std::string lower;
    std::uint64_t bytes = 0; // to be moved

    friend bool operator==(const Commit &, const Commit &) = default;
};

// The data of `lower` go up into `upper`, which stands on what `lower` stood on from then on. Then
// `lower` is removed.
struct Stream {
    std::string upper;
    std::string lower;
    std::uint64_t bytes = 0; // to be moved

    friend bool operator==(const Stream &, const Stream &) = default;
};

} // namespace layer_step

using LayerStep = std::variant<layer_step::RemoveTag, layer_step::RemoveImage, layer_step::Commit,
                               layer_step::Stream>;

struct Tidying {
    std::vector<LayerStep> steps;
    // Images that nobody needs for themselves and that stay, because of what stands on them:
    // several images, or one that holds tags. A later tidying takes them away.
    std::vector<std::string> nameless;
    // Tags that nobody needs and that stay, because the domain runs on what stands on their image.
    std::vector<std::pair<std::string, std::string>> dead_tags; // path, tag
};

enum class TidyDepth {
    Leaves, // nothing is moved: what stands at an end and is needed by nobody goes
    Merges, // images in the middle go too, at the price of moving the smaller side
};

// The rules:
//   - an image that is written to, kept by a snapshot or stood on by a foreign image stays, and so
//     does one that is pinned as long as any image stands on it;
//   - one at an end goes; one in the middle goes when a single image stands on it, by what moves
//     less: its data go up, or the data above come down;
//   - an image that holds tags is not moved away, and neither is what it stands on changed in any
//     way: its tags mean what they mean only together with that (QEMU zeroes them without a word
//     when the backing file goes, qcow2_snapshot_goto knows no other than the present one);
//   - dead tags hold nothing back and go with their image.
[[nodiscard]] Tidying tidy(ImageLayers layers, TidyDepth depth);

} // namespace xlsnap
