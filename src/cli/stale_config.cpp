// SPDX-License-Identifier: LGPL-2.1-only
#include "cli/stale_config.hpp"

#include <algorithm>
#include <cstddef>
#include <span>

#include <fmt/format.h>

namespace xlsnap::cli {

namespace {

std::string said(const char *text) {
    return text == nullptr ? "" : text;
}

} // namespace

std::vector<ChangedImage> images_changed_by(const libxl_domain_snapshot &snapshot) {
    std::vector<ChangedImage> changed;
    for (const libxl_domain_snapshot_disk &disk :
         std::span(snapshot.disks, static_cast<std::size_t>(snapshot.num_disks)))
        if (disk.kind == LIBXL_DISK_SNAPSHOT_KIND_EXTERNAL)
            changed.push_back({{said(disk.vdev), said(disk.overlay), said(disk.overlay_format)},
                               said(disk.path)});
    return changed;
}

std::vector<ChangedImage> differing_images(const std::vector<DiskImage> &before,
                                           const std::vector<DiskImage> &after) {
    std::vector<ChangedImage> changed;
    for (const DiskImage &now : after) {
        const auto old = std::ranges::find(before, now.vdev, &DiskImage::vdev);
        if (old != before.end() && old->path != now.path)
            changed.push_back({now, old->path});
    }
    return changed;
}

std::vector<std::string> stale_config_notes(const std::vector<ChangedImage> &changed, bool runs,
                                            const std::string &xl_config) {
    std::vector<std::string> notes;
    notes.reserve(changed.size() + 1);
    for (const ChangedImage &image : changed)
        notes.push_back(fmt::format("disk {} is now {} ({}); an xl.cfg that names {} is stale",
                                    image.now.vdev, image.now.path, image.now.format,
                                    image.before));
    if (changed.empty())
        return notes;
    const std::string file = xl_config.empty() ? "XL.CFG" : xl_config;
    notes.push_back(
        runs ? fmt::format("run xlsnap config --rewrite {} before xl starts the domain from that "
                           "file again",
                           file)
             : fmt::format("run xlsnap config --rewrite {} now: what xl create starts from the "
                           "file as it is has not these disks",
                           file));
    return notes;
}

} // namespace xlsnap::cli
