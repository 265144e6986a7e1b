// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>

#include "base/result.hpp"
#include "core/image_layers.hpp"
#include "core/snapshot_record.hpp"
#include "engine/ports.hpp"
#include "ports/catalog.hpp"

namespace xlsnap {

// Keeps the images that nobody may write to immutable: a domain that is started from a
// configuration which still names the base of an overlay would write below that overlay, and spoil
// it and every snapshot that stands there.
//
// What was immutable before any intent of ours was recorded is somebody else's, and stays so. The
// caller has the domain's lock; the record given is written, with all that it says, and is what
// the catalog has when a call returns.
class ImageProtection {
  public:
    ImageProtection(const Ports &ports, Catalog &catalog) : ports_(ports), catalog_(catalog) {}

    // To be called after an operation: of the images that the record lists, those that nobody may
    // write to become immutable, and those of ours that may be written again can be. Where that
    // cannot be had, and for an image that somebody has open for writing, the log is warned.
    //
    // One image's failure keeps no other from its protection. Can be repeated.
    Status settle(DomainRecord &domain, const ImageLayers &layers);

    // Before the image itself is changed or removed. Nothing is done to one that is not ours.
    Status release(DomainRecord &domain, const std::string &path);

  private:
    Status settle_released(DomainRecord &domain, const ImageLayers &layers);
    Status add_intents(DomainRecord &domain, const ImageLayers &layers);
    Result<bool> can_be_kept(const std::string &path);
    Status keep_all(DomainRecord &domain, const ImageLayers &layers);
    Result<bool> keep(const std::string &path);
    Result<bool> is_written(const std::string &path);
    void warn_unprotected(const std::string &path);

    Ports ports_;
    Catalog &catalog_;
};

} // namespace xlsnap
