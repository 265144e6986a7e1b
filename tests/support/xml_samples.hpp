// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "core/snapshot_record.hpp"

namespace xlsnap::test {

// Records of snapshots of one domain that has every kind of disk, one of each kind of snapshot.

struct NamedRecord {
    const char *what; // a word, for the name of a test
    SnapshotRecord record;
    std::string parent; // its name

    // For messages of GoogleTest.
    friend void PrintTo(const NamedRecord &named, std::ostream *out) { *out << named.what; }
};

// libxl's JSON of the domain g1 of this type ("pv", "pvh", "hvm").
[[nodiscard]] std::string sample_config(const std::string &type);

// With memory and an internal snapshot of xvda and hda; xvdb, a block device, is left out.
[[nodiscard]] SnapshotRecord sample_record();

[[nodiscard]] std::vector<NamedRecord> sample_records();

// The disk of this vdev.
[[nodiscard]] DiskRecord &disk_of(SnapshotRecord &record, const std::string &vdev);

} // namespace xlsnap::test
