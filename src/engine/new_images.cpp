// SPDX-License-Identifier: LGPL-2.1-only
#include "engine/new_images.hpp"

#include <utility>

#include <fmt/format.h>

#include "core/refusals.hpp"
#include "engine/closed_images.hpp"

namespace xlsnap {

Result<ImageMark> NewImages::make_one(const ImageToMake &image, ImageChains::Tables tables) {
    return image.tag.empty()
               ? chains_.create_overlay(image.path, image.from, image.from_format, tables)
               : chains_.copy_tag_out(image.from, image.tag, image.path);
}

Status NewImages::make(const step::MakeImages &step) {
    const auto tables = step.twins ? ImageChains::Tables::AtOnce : ImageChains::Tables::AsItGrows;
    for (const ImageToMake &image : step.images) {
        XLSNAP_ASSIGN(const ImageMark mark,
                      make_one(image, tables).with_context(fmt::format("disk {}", image.vdev)));
        made_.push_back({image.vdev, image.path, mark});
    }
    return {};
}

void NewImages::leave(const std::string &path) {
    std::erase_if(made_, [&](const Made &image) { return image.path == path; });
}

Status NewImages::remove() {
    const std::vector<Made> made = std::exchange(made_, {});
    std::vector<std::string> paths;
    paths.reserve(made.size());
    for (const Made &image : made)
        paths.push_back(image.path);
    // Who has one open too long is told of below.
    if (!paths.empty())
        static_cast<void>(users_.wait_until_unused(paths, kImageReleaseDeadline));
    Refusals failures;
    for (const Made &image : made)
        if (const auto removed = chains_.remove_image(image.path, image.mark); !removed)
            failures.add(fail(removed.error()),
                         fmt::format("the image {} of disk {} stays; remove it when nobody has it "
                                     "open",
                                     image.path, image.vdev));
    return failures.status();
}

} // namespace xlsnap
