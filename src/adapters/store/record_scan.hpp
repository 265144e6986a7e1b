// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstdint>
#include <vector>

#include "base/durable_directory.hpp"
#include "base/result.hpp"
#include "ports/catalog.hpp"
#include "ports/log.hpp"

namespace xlsnap {

struct ScannedRecord {
    SnapshotRecord record;
    std::int64_t written_ns = 0; // nanoseconds since the epoch
};

struct RecordScan {
    std::vector<ScannedRecord> records; // by creation time, then by name
    std::vector<BrokenRecord> broken;   // by name
};

// All records of the directory, while others may add, replace, rename and remove some: each is
// shown once, as it was at some moment of the call. Of records with one id the first by name
// counts, the others are broken. A file that only looks like a record is told to the log. NotReady
// when the directory never stands still for long enough.
Result<RecordScan> scan_records(const DurableDirectory &directory, Log &log);

// The record in the file; nothing when there is no such file.
Result<std::optional<SnapshotRecord>> read_snapshot_file(const DurableDirectory &directory,
                                                         const std::string &name);

} // namespace xlsnap
