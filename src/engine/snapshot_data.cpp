// SPDX-License-Identifier: LGPL-2.1-only
#include "engine/snapshot_data.hpp"

#include <utility>
#include <vector>

#include <fmt/format.h>

#include "core/tag_check.hpp"

namespace xlsnap {

Result<MemoryRecord> memory_as_it_is(MemoryStore &store, const std::string &path) {
    XLSNAP_ASSIGN(MemoryFingerprint print, store.fingerprint(path));
    return MemoryRecord{path, print.bytes, std::move(print.sha256), print.compression};
}

Status check_same(const MemoryRecord &recorded, const MemoryRecord &now) {
    if (now.bytes == recorded.bytes && now.sha256 == recorded.sha256)
        return {};
    return fail(
        ErrorCode::Invalid,
        fmt::format("the memory image {} is not what was written when the snapshot was made "
                    "({} bytes then, {} now): it is damaged or another file; bring it back "
                    "from a backup, or delete the snapshot",
                    recorded.path, recorded.bytes, now.bytes));
}

Status check_fingerprint(MemoryStore &store, const SnapshotRecord &record) {
    if (!record.memory)
        return {};
    XLSNAP_ASSIGN(const MemoryRecord now, memory_as_it_is(store, record.memory->path));
    return check_same(*record.memory, now);
}

Status check_tag(DiskImages &images, const DiskRecord &disk) {
    XLSNAP_ASSIGN(const std::vector<Tag> tags, images.list_tags(disk.path, disk.format));
    XLSNAP_TRY(find_only_tag(tags, disk.tag).with_context(disk.path));
    return {};
}

} // namespace xlsnap
