// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>

#include "base/result.hpp"
#include "core/snapshot_record.hpp"
#include "ports/disk_images.hpp"
#include "ports/memory_store.hpp"

namespace xlsnap {

// Whether the data of a snapshot are what its record says.

// What a record tells of the memory image that lies there.
Result<MemoryRecord> memory_as_it_is(MemoryStore &store, const std::string &path);

// The second is that of the file now.
[[nodiscard]] Status check_same(const MemoryRecord &recorded, const MemoryRecord &now);

// A file of another size or content than the one that was written may hold anything. Success
// without a memory image.
[[nodiscard]] Status check_fingerprint(MemoryStore &store, const SnapshotRecord &record);

// Whether the image holds the disk's tag, and only once.
[[nodiscard]] Status check_tag(DiskImages &images, const DiskRecord &disk);

} // namespace xlsnap
