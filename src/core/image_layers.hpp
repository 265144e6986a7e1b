// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/domain.hpp"

namespace xlsnap {

// An image that a disk of a domain stands on, or stood on at one of its snapshots. Images stand on
// each other as their backing files say: a forest.
struct ImageLayer {
    std::string path;
    DiskFormat format = DiskFormat::Unknown;
    std::string backing; // path; empty: it stands on nothing
    std::uint64_t virtual_bytes = 0;
    std::uint64_t allocated_bytes = 0;
    // A block device: it holds virtual_bytes and no more.
    bool fixed_size = false;
    // Made by xlsnap for this domain, and for xlsnap to remove. What anybody else made is never
    // removed.
    bool ours = false;
    // DomainImage::pinned.
    bool pinned = false;
    // ChainLayer::extended_l2. QEMU 7.2 dies when it streams into such an image: an assertion in
    // bdrv_co_do_copy_on_readv() (block/io.c), which does not know parts of clusters.
    bool extended_l2 = false;
    // Some process has it open: the domain runs on it.
    bool in_use = false;
    // Tags that mean something to somebody: of snapshots, and foreign ones.
    std::vector<std::string> tags = {};
    // Tags of snapshots that are deleted, which could not be removed yet.
    std::vector<std::string> dead_tags = {};

    friend bool operator==(const ImageLayer &, const ImageLayer &) = default;
};

enum class LayerUseKind {
    Active,  // the domain writes to it
    Kept,    // a snapshot is what it holds (external)
    Foreign, // stands below an image that is not among the layers, another domain's perhaps
};

struct LayerUse {
    LayerUseKind kind = LayerUseKind::Active;
    std::string path;

    friend bool operator==(const LayerUse &, const LayerUse &) = default;
};

// The images of one domain and who needs them. A snapshot inside an image stands in its `tags`.
class ImageLayers {
  public:
    ImageLayers(std::vector<ImageLayer> layers, std::vector<LayerUse> uses);

    [[nodiscard]] const std::vector<ImageLayer> &all() const { return layers_; }
    [[nodiscard]] const ImageLayer *find(std::string_view path) const;
    [[nodiscard]] std::vector<const ImageLayer *> children(std::string_view path) const;

    [[nodiscard]] bool is_active(std::string_view path) const;
    [[nodiscard]] bool has_foreign_child(std::string_view path) const;
    // Its content is a snapshot's, or a foreign image stands on it.
    [[nodiscard]] bool is_kept(std::string_view path) const;
    // Nobody may write to it: it is kept, or another image stands on it.
    [[nodiscard]] bool is_frozen(std::string_view path) const;

    // The same images after a change.
    void remove(std::string_view path);
    // It is nobody's concern any more, and there still: what it stands on is needed.
    void leave(std::string_view path);
    // A snapshot may be what it holds.
    void keep(std::string path);
    void remove_dead_tag(std::string_view path, std::string_view tag);
    // `upper` goes away, and whatever stood on it or meant it means `lower` from now on.
    void replace(std::string_view upper, std::string_view lower);
    // `upper` stands on what `lower` stood on.
    void take_over(std::string_view upper, std::string_view lower);

  private:
    [[nodiscard]] bool has_use(LayerUseKind kind, std::string_view path) const;
    [[nodiscard]] ImageLayer *find_mutable(std::string_view path);

    std::vector<ImageLayer> layers_;
    std::vector<LayerUse> uses_;
};

// How a disk gets back what it held.
enum class RevertWay {
    InPlace,    // the image's tag becomes its present content: nobody else needs what it holds now
    NewOverlay, // a new overlay on the image that is kept
    CopyOut,    // the tag's content is copied to an image of its own: others need what stands there
};

// For a disk whose snapshot is `tag` in the image, or what the image holds if that is empty.
[[nodiscard]] RevertWay way_to_revert(const ImageLayers &layers, std::string_view path,
                                      std::string_view tag);

} // namespace xlsnap
