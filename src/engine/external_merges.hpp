// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "core/disk_selection.hpp"
#include "core/domain.hpp"
#include "core/image_chain.hpp"
#include "core/image_layers.hpp"
#include "core/layer_tidy.hpp"
#include "core/snapshot_request.hpp"
#include "engine/live_merges.hpp"
#include "engine/ports.hpp"
#include "engine/waiting.hpp"
#include "ports/catalog.hpp"

namespace xlsnap {

// The domain, unless it does not run, and the disks of a request about it.
struct ExternalScene {
    std::optional<Domain> running;
    DiskSelection selected;
};

// How the images of an external disk snapshot become one.
struct ExternalMerge {
    ImageChain chain;   // of the overlay: that, the image which holds the snapshot, and so on
    ImageLayers layers; // the two, and what stands on the overlay
    LayerStep step;     // a Commit or a Stream
};

// Says how the images of external disk snapshots of which no record tells can be merged, and what
// stands against that. Nothing is changed.
class ExternalMerges {
  public:
    ExternalMerges(const Ports &ports, Catalog &catalog, const Waiting &wait)
        : ports_(ports), catalog_(catalog), merges_(ports, wait) {}

    // The request has external disks alone. A target's path is empty where nobody has given one:
    // then it is what the overlay stands on.
    Result<ExternalScene> look(const std::optional<DomainId> &domid,
                               const SnapshotRequest &request);

    // Nothing: the snapshot is gone, since the overlay is, or stands on the image no more. Invalid
    // when something else needs what one of the two holds: a snapshot of the catalog, or an image
    // in one of the directories that the disk's images lie in.
    Result<std::optional<ExternalMerge>> plan(const ExternalScene &scene, const DiskTarget &target);

  private:
    Result<std::optional<ImageChain>> chain_of(const DiskTarget &target);
    Result<ImageLayers> gather(const ExternalScene &scene, const DiskTarget &target,
                               const ImageChain &chain);
    Result<std::vector<ChainLayer>> chain_of_disk(const ExternalScene &scene,
                                                  const DiskTarget &target);
    Result<std::vector<BackedImage>> images_beside(const std::vector<ChainLayer> &layers);
    Status add_child(const ExternalScene &scene, const BackedImage &image,
                     const ChainLayer &overlay, std::vector<ImageLayer> &layers,
                     std::vector<LayerUse> &uses);
    Result<ImageLayer> layer_of(const ChainLayer &found);
    Result<std::vector<std::string>> claims(const ChainLayer &image);
    Status check_unclaimed(const ImageChain &chain);
    Status check_users(const ExternalScene &scene, const DiskTarget &target,
                       const ExternalMerge &merge);

    Ports ports_;
    Catalog &catalog_;
    LiveMerges merges_;
};

} // namespace xlsnap
