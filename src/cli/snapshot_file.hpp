// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libxl_snapshot.h"

namespace xlsnap::cli {

// An entry of the list `disk`: VDEV[=PATH][,type=FORMAT][,snapshot=KIND].
struct SnapshotFileDisk {
    std::string vdev;
    std::string path;   // the image; of an external disk snapshot the overlay; empty: not said
    std::string format; // empty: not said
    libxl_disk_snapshot_kind kind = LIBXL_DISK_SNAPSHOT_KIND_DEFAULT; // default: as `type` says

    bool operator==(const SnapshotFileDisk &) const = default;
};

// The snapshot information file: a snapshot in xl's syntax, of "[RFC v3] domain snapshot documents"
// (xen-devel, June 2014). Keys: description, name, creationtime, save, type ("internal" or
// "external"), live, disk_only ("no" or "yes") and disk, a list. Each may be missing.
struct SnapshotFile {
    std::optional<std::string> description;
    std::optional<std::string> name;
    std::optional<std::uint64_t> creation_time;
    std::optional<std::string> save; // the memory image
    libxl_disk_snapshot_kind type = LIBXL_DISK_SNAPSHOT_KIND_DEFAULT;
    bool live = false;
    bool disk_only = false;
    std::vector<SnapshotFileDisk> disks;

    bool operator==(const SnapshotFile &) const = default;
};

// Both throw std::runtime_error that names the file, the line and what is allowed.
[[nodiscard]] SnapshotFile read_snapshot_file(const std::string &path);
[[nodiscard]] SnapshotFile parse_snapshot_file(const std::string &name, const std::string &text);

// parse_snapshot_file() gives the same again. Throws std::runtime_error for a disk that the syntax
// cannot hold: one with a comma in its path, say.
[[nodiscard]] std::string to_text(const SnapshotFile &file);

} // namespace xlsnap::cli
