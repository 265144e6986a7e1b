// SPDX-License-Identifier: LGPL-2.1-only
#include "engine/snapshot_data.hpp"

#include <vector>

#include <fmt/format.h>

#include "core/tag_check.hpp"

namespace xlsnap {

Status check_fingerprint(MemoryStore &store, const SnapshotRecord &record) {
    if (!record.memory)
        return {};
    XLSNAP_ASSIGN(const MemoryFingerprint now, store.fingerprint(record.memory->path));
    if (now.bytes == record.memory->bytes && now.sha256 == record.memory->sha256)
        return {};
    return fail(
        ErrorCode::Invalid,
        fmt::format("the memory image {} is not what was written when the snapshot was made "
                    "({} bytes then, {} now): it is damaged or another file; bring it back "
                    "from a backup, or delete the snapshot",
                    record.memory->path, record.memory->bytes, now.bytes));
}

Status check_tag(DiskImages &images, const DiskRecord &disk) {
    XLSNAP_ASSIGN(const std::vector<Tag> tags, images.list_tags(disk.path, disk.format));
    XLSNAP_TRY(find_only_tag(tags, disk.tag).with_context(disk.path));
    return {};
}

} // namespace xlsnap
