// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "core/snapshot_record.hpp"
#include "ports/disk_images.hpp"

namespace xlsnap {

// What the tags of several snapshots take, each image being asked once for all of its tags.
class TagUsages {
  public:
    // For what of() will be asked.
    void ask_for(const SnapshotRecord &record);

    void measure(DiskImages &images);

    // Nothing for a disk that was left out; NotImplemented for an external snapshot.
    [[nodiscard]] Result<StorageUsage> of(const DiskRecord &disk) const;

  private:
    using Image = std::pair<std::string, DiskFormat>; // the path
    struct Tags {
        std::vector<std::string> names =
            {}; // each one once, in the order in which it was asked for
        std::map<std::string, Result<StorageUsage>> measured = {};
    };

    std::map<Image, Tags> images_;
};

} // namespace xlsnap
