// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include "base/result.hpp"
#include "core/snapshot_record.hpp"
#include "ports/disk_images.hpp"
#include "ports/memory_store.hpp"

namespace xlsnap {

// Whether the data of a snapshot are what its record says.

// A file of another size or content than the one that was written may hold anything. Success
// without a memory image.
[[nodiscard]] Status check_fingerprint(MemoryStore &store, const SnapshotRecord &record);

// Whether the image holds the disk's tag, and only once.
[[nodiscard]] Status check_tag(DiskImages &images, const DiskRecord &disk);

} // namespace xlsnap
