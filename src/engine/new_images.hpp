// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "core/plan.hpp"
#include "core/snapshot_record.hpp"
#include "core/snapshot_request.hpp"
#include "ports/image_chains.hpp"
#include "ports/image_users.hpp"
#include "ports/log.hpp"

namespace xlsnap {

// The images that one operation makes, until it has succeeded.
class NewImages {
  public:
    NewImages(ImageChains &chains, ImageUsers &users) : chains_(chains), users_(users) {}

    // After a failure those stay that were made before: for remove().
    Status make(const step::MakeImages &step);

    // Somebody needs the image: remove() leaves it.
    void leave(const std::string &path);

    // Removes what make() has made, and names what could not be removed. A QEMU that was given such
    // an image and has ended takes a moment to close it.
    Status remove();

  private:
    struct Made {
        std::string vdev;
        std::string path;
        ImageMark mark;
    };

    Result<ImageMark> make_one(const ImageToMake &image, ImageChains::Tables tables);

    ImageChains &chains_;
    ImageUsers &users_;
    std::vector<Made> made_;
};

// Tells which images disks have from now on, after a plan was carried out: those that the request
// left to us to name, since nobody else knows them. `runs`: the domain's configuration has them.
void tell_new_images(const Plan &plan, const SnapshotRequest &request, bool runs, Log &log);

} // namespace xlsnap
