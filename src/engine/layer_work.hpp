// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "core/domain.hpp"
#include "core/image_layers.hpp"
#include "core/layer_records.hpp"
#include "core/layer_tidy.hpp"
#include "engine/image_protection.hpp"
#include "engine/live_merges.hpp"
#include "engine/ports.hpp"
#include "engine/waiting.hpp"
#include "ports/catalog.hpp"

namespace xlsnap {

// Where a step is carried out: what the images are, the domain's record, which tells the ones
// that are immutable, and the domain itself unless it does not run.
struct LayerScene {
    const ImageLayers &layers;
    DomainRecord &record;
    const std::optional<Domain> &running;
};

// Carries out one step of a tidying: by the QEMU that has the images open, or by qemu-img on images
// at rest, which are made writable first where we had made them immutable.
//
// NotReady: what the step is about cannot be changed now, since somebody has it open or the guest
// must do something first; nothing is changed, and a later tidying may do it. After any other
// failure everything that is needed reads what it did, and the step can be repeated.
class LayerWork {
  public:
    LayerWork(const Ports &ports, Catalog &catalog, Waiting wait)
        : ports_(ports), catalog_(catalog), protection_(ports, catalog),
          merges_(ports, std::move(wait)) {}

    // Fail, with every reason, when the data that the steps move may not fit where they go.
    Status check_space(const std::vector<LayerStep> &steps, const ImageLayers &layers);

    // Moves the data of a Commit or a Stream, or removes a tag, and tells which images have
    // changed. The image that is not needed afterwards is there still: the records are to mean the
    // other one before it is removed.
    Result<std::vector<ImageChange>> carry_out(const LayerStep &step, const LayerScene &scene);

    // Removes an image that nobody needs any more, if xlsnap made it: one that somebody else made,
    // or that was pinned, or is not known to be the file that xlsnap made, stays where it is, and
    // the log is warned.
    Status remove_image(const std::string &path, DomainRecord &record);

  private:
    Result<std::vector<ImageChange>> remove_tag(const layer_step::RemoveTag &step,
                                                const LayerScene &scene);
    Result<std::vector<ImageChange>> commit(const layer_step::Commit &step,
                                            const LayerScene &scene);
    Result<std::vector<ImageChange>> stream(const layer_step::Stream &step,
                                            const LayerScene &scene);
    Status remove_own_image(const std::string &path, const ImageMark &mark);
    Status delete_tag(const ImageLayer &layer, const std::string &tag, const LayerScene &scene);
    Status delete_closed_tag(const ImageLayer &layer, const std::string &tag, DomainRecord &record);
    Status delete_open_tag(const ImageLayer &layer, const std::string &tag, const Domain &domain);
    Status delete_dead_tags(const ImageLayer &layer, const LayerScene &scene);
    Result<std::optional<LiveMerge>> find_live(const ImagePair &images, ChainJob::Kind kind,
                                               const LayerScene &scene);
    Status expect_closed(const std::string &path);
    void remove_left_tags(const DomainImage &image);
    Result<ChainLayer> look(const std::string &path, DiskFormat format);
    Result<std::vector<ImageChange>> prepare_children(const std::string &upper, bool live,
                                                      const LayerScene &scene);
    Status record_new_disk(const ImagePair &images, DomainRecord &record);
    Status move_down(ImageChange &child, const ImagePair &images);

    Ports ports_;
    Catalog &catalog_;
    ImageProtection protection_;
    LiveMerges merges_;
};

} // namespace xlsnap
