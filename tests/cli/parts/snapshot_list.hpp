// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include "libxl_snapshot.h"

namespace xlsnap::test {

inline char *malloced(const std::string &text) {
    return ::strdup(text.c_str());
}

// A snapshot of the C API with what it owns.
class OwnedSnapshot {
  public:
    OwnedSnapshot() { libxl_domain_snapshot_init(&value_); }
    OwnedSnapshot(const OwnedSnapshot &) = delete;
    OwnedSnapshot &operator=(const OwnedSnapshot &) = delete;
    OwnedSnapshot(OwnedSnapshot &&) = delete;
    OwnedSnapshot &operator=(OwnedSnapshot &&) = delete;
    ~OwnedSnapshot() { libxl_domain_snapshot_dispose(&value_); }

    libxl_domain_snapshot &operator*() { return value_; }
    libxl_domain_snapshot *operator->() { return &value_; }

    libxl_domain_snapshot_disk &add_disk(const std::string &vdev, libxl_disk_snapshot_kind kind) {
        const auto count = static_cast<std::size_t>(value_.num_disks) + 1;
        value_.disks = static_cast<libxl_domain_snapshot_disk *>(
            std::realloc(value_.disks, count * sizeof(*value_.disks)));
        libxl_domain_snapshot_disk &disk = value_.disks[value_.num_disks++];
        libxl_domain_snapshot_disk_init(&disk);
        disk.vdev = malloced(vdev);
        disk.kind = kind;
        return disk;
    }

  private:
    libxl_domain_snapshot value_;
};

// Snapshots of one domain with what they own.
class SnapshotList {
  public:
    SnapshotList() = default;
    SnapshotList(const SnapshotList &) = delete;
    SnapshotList &operator=(const SnapshotList &) = delete;
    SnapshotList(SnapshotList &&) = delete;
    SnapshotList &operator=(SnapshotList &&) = delete;
    ~SnapshotList() {
        for (libxl_domain_snapshot &snapshot : snapshots_)
            libxl_domain_snapshot_dispose(&snapshot);
    }

    // A root for an empty parent. Valid until the next is added.
    libxl_domain_snapshot &add(const std::string &name, std::uint64_t creation_time,
                               const std::string &parent = "") {
        libxl_domain_snapshot &added = snapshots_.emplace_back();
        libxl_domain_snapshot_init(&added);
        added.name = malloced(name);
        added.creation_time = creation_time;
        added.parent = parent.empty() ? nullptr : malloced(parent);
        return added;
    }

    [[nodiscard]] std::span<const libxl_domain_snapshot> all() const { return snapshots_; }

  private:
    std::vector<libxl_domain_snapshot> snapshots_;
};

} // namespace xlsnap::test
