// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/domain.hpp"
#include "core/memory_compression.hpp"

namespace xlsnap {

// What the catalog keeps of snapshots (docs/catalog-format.md). Plain values: what may follow what
// is decided by snapshot_tree, snapshot_name and the engine.

// What the domain was doing when its snapshot was made.
enum class SnapshotState { Unknown, Running, Blocked, Paused, Shutdown, Dying, Inactive };

enum class DiskSnapshotKind { None, Internal, External };

// Which image stood there, and whether anything has written to it since.
struct ImageMark {
    std::uint64_t device = 0; // st_dev of a file, st_rdev of a block device
    std::uint64_t inode = 0;  // 0 for a block device
    std::uint64_t bytes = 0;  // of the file or device
    // Of the last change of a file's content, nanoseconds since the epoch. A block device tells no
    // such time: nothing.
    std::optional<std::uint64_t> changed_ns;

    friend bool operator==(const ImageMark &, const ImageMark &) = default;
};

// One disk of the domain at the time of the snapshot.
struct DiskRecord {
    std::string vdev;
    DiskSnapshotKind kind = DiskSnapshotKind::None;
    // The image that the domain had, and what it was.
    std::string path;
    DiskFormat format = DiskFormat::Unknown;
    std::uint64_t virtual_bytes = 0; // 0: not known
    bool writable = true;
    ImageMark mark;
    // Internal: the tag inside the image.
    std::string tag;
    // External: the image that the domain went on with; `path` is its backing file.
    std::string overlay;
    DiskFormat overlay_format = DiskFormat::Unknown;

    friend bool operator==(const DiskRecord &, const DiskRecord &) = default;
};

struct MemoryRecord {
    std::string path; // absolute
    std::uint64_t bytes = 0;
    std::string sha256; // of the whole file, hexadecimal, as sha256sum prints it
    MemoryCompression compression = MemoryCompression::None;

    friend bool operator==(const MemoryRecord &, const MemoryRecord &) = default;
};

struct SnapshotRecord {
    std::string id;        // ours: 16 hexadecimal digits, distinct in the domain, never changed
    std::string name;      // the user's; see snapshot_name.hpp
    std::string parent_id; // empty: a root
    std::string description;
    std::uint64_t creation_time = 0; // seconds since the epoch
    SnapshotState state = SnapshotState::Unknown;
    bool live = false;
    bool crash_consistent = false; // disks alone, of a domain that ran
    bool is_protected = false;
    std::string domain_uuid; // that the domain had then
    std::string domain_name;
    std::string config_json; // libxl_domain_config in libxl's JSON; empty: not known
    std::optional<MemoryRecord> memory;
    std::vector<DiskRecord> disks; // every one with an image, those left out included
    std::string program_version;   // of the xlsnap that made it

    friend bool operator==(const SnapshotRecord &, const SnapshotRecord &) = default;
};

// An image that a domain writes to now.
struct ActiveLayer {
    std::string vdev;
    std::string path;

    friend bool operator==(const ActiveLayer &, const ActiveLayer &) = default;
};

// An image that disks of a domain stand on, or stood on, since external snapshots were made of it:
// what may be merged or removed when nobody needs it. Templates below it are none of these.
struct DomainImage {
    std::string path;
    DiskFormat format = DiskFormat::Unknown;
    // Tells the file by its inode; zeros: nobody could look.
    ImageMark mark = {};
    bool made = false; // by xlsnap, which removes it when nobody needs it
    // Made immutable by xlsnap, or about to be: recorded before it is done, so that a crash leaves
    // no immutable image of which nobody knows why.
    bool kept = false;
    // Tags of snapshots that are deleted, which could not be removed from the image yet.
    std::vector<std::string> dead_tags = {};
    // A snapshot was what it holds, and its record alone was deleted: while images stand on it, it
    // stays as if the snapshot were there; then it is the user's, whoever made it.
    bool pinned = false;

    friend bool operator==(const DomainImage &, const DomainImage &) = default;
};

// When nobody needs it any more; others are left where they are.
[[nodiscard]] inline bool is_to_be_removed(const DomainImage &image) {
    return image.made && !image.pinned;
}

// What the catalog keeps of a domain besides its snapshots.
struct DomainRecord {
    std::string uuid; // of the first domain that had a snapshot here; the catalog's key
    std::string name;
    std::string current_id; // empty: none
    // Its name when this was written: a hint, by which its record is found without a look at the
    // others. Empty: not known.
    std::string current_name;
    // The images at the last operation, by which the domain is known again under another uuid.
    std::vector<ActiveLayer> active_layers;
    std::vector<DomainImage> images = {};

    friend bool operator==(const DomainRecord &, const DomainRecord &) = default;
};

// nullptr: none is current any more.
inline void set_current_snapshot(DomainRecord &domain, const SnapshotRecord *record) {
    domain.current_id = record == nullptr ? std::string() : record->id;
    domain.current_name = record == nullptr ? std::string() : record->name;
}

[[nodiscard]] inline bool has_external(const SnapshotRecord &record) {
    return std::ranges::count(record.disks, DiskSnapshotKind::External, &DiskRecord::kind) != 0;
}

[[nodiscard]] inline bool is_disk_only(const SnapshotRecord &record) {
    return !record.memory;
}

} // namespace xlsnap
