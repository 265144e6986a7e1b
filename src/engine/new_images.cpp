// SPDX-License-Identifier: LGPL-2.1-only
#include "engine/new_images.hpp"

#include <algorithm>
#include <utility>
#include <variant>

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

namespace {

bool is_named(const SnapshotRequest &request, const std::string &path) {
    return std::ranges::count(request.disks, path, &DiskRequest::new_image) != 0 ||
           std::ranges::count(request.detached, path, &DiskRequest::new_image) != 0;
}

void tell_new_image(const ImageToMake &image, bool runs, Log &log) {
    const std::string who = image.vdev.empty() ? image.from : "disk " + image.vdev;
    if (runs)
        log.info(fmt::format("{}: its image is {} from now on", who, image.path));
    else
        log.left_to_do(fmt::format("{}: its image is {} from now on: have its xl.cfg name that",
                                   who, image.path));
}

} // namespace

void tell_new_images(const Plan &plan, const SnapshotRequest &request, bool runs, Log &log) {
    for (const Step &step : plan.steps)
        if (const auto *make = std::get_if<step::MakeImages>(&step))
            for (const ImageToMake &image : make->images)
                if (!is_named(request, image.path))
                    tell_new_image(image, runs, log);
}

} // namespace xlsnap
