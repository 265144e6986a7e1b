// SPDX-License-Identifier: LGPL-2.1-only
#include "api/overlay_answers.hpp"

#include <algorithm>
#include <string>

#include "api/answers.hpp"

namespace xlsnap::api {

namespace {

bool lacks_path(const DiskRequest &disk) {
    return disk.external && disk.overlay.empty();
}

std::string image_of(const DiskRequest &disk, const Domain *domain) {
    if (domain == nullptr)
        return disk.path;
    const Disk *found = find_disk(*domain, disk.vdev);
    return found == nullptr ? std::string() : found->path;
}

bool is_missing(const char *text) {
    return text == nullptr || *text == '\0';
}

} // namespace

bool lacks_overlay(const SnapshotRequest &request) {
    return std::ranges::any_of(request.disks, lacks_path);
}

void name_overlays(SnapshotRequest &request, const Domain *domain, const OverlayPlaces &places) {
    std::vector<OverlayWish> wishes;
    std::vector<DiskRequest *> external;
    for (DiskRequest &disk : request.disks) {
        if (!disk.external)
            continue;
        wishes.push_back({disk.overlay, disk.vdev.empty() ? disk.path : disk.vdev,
                          image_of(disk, domain), disk.tag});
        external.push_back(&disk);
    }
    const auto paths = overlay_paths(wishes, places);
    for (std::size_t i = 0; i < external.size(); ++i)
        if (paths[i])
            external[i]->overlay = *paths[i];
}

OverlayAnswers::OverlayAnswers(const libxl_disk_snapshot *disks, const SnapshotRequest &request) {
    for (std::size_t i = 0; i < request.disks.size(); ++i) {
        const DiskRequest &disk = request.disks[i];
        if (!disk.external)
            continue;
        Answer answer{i};
        if (is_missing(disks[i].external_path) && !disk.overlay.empty())
            answer.path.reset(to_malloc(disk.overlay));
        if (is_missing(disks[i].external_format))
            answer.format.reset(to_malloc(std::string(to_string(disk.overlay_format))));
        answers_.push_back(std::move(answer));
    }
}

void OverlayAnswers::hand_over(libxl_disk_snapshot *disks) noexcept {
    const auto set = [](char *&field, Text &text) {
        if (text == nullptr)
            return;
        std::free(field);
        field = text.release();
    };
    for (Answer &answer : answers_) {
        set(disks[answer.index].external_path, answer.path);
        set(disks[answer.index].external_format, answer.format);
    }
    answers_.clear();
}

} // namespace xlsnap::api
