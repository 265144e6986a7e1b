// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <vector>

#include "core/domain.hpp"
#include "core/overlay_path.hpp"
#include "core/snapshot_request.hpp"
#include "libxl_snapshot.h"

namespace xlsnap::api {

// Whether a request to create leaves the path of an overlay to us.
[[nodiscard]] bool lacks_overlay(const SnapshotRequest &request);

// Gives each external disk without an overlay the path of one, as core/overlay_path makes it of the
// image that the domain's disk has, or without a domain of the image that the request names. A disk
// for which there is no such path stays without: why, the operation tells with everything else.
void name_overlays(SnapshotRequest &request, const Domain *domain, const OverlayPlaces &places);

// What a request that is met tells of the overlays that the caller left open. All memory for it is
// there before, so that a snapshot that is made is told of.
class OverlayAnswers {
  public:
    // The disks are those that the request was made of.
    OverlayAnswers(const libxl_disk_snapshot *disks, const SnapshotRequest &request);

    // Fills in external_path and external_format where they are missing.
    void hand_over(libxl_disk_snapshot *disks) noexcept;

  private:
    struct Free {
        void operator()(char *text) const { std::free(text); }
    };
    using Text = std::unique_ptr<char, Free>;
    struct Answer {
        std::size_t index = 0;
        Text path = {};
        Text format = {};
    };

    std::vector<Answer> answers_;
};

} // namespace xlsnap::api
