// SPDX-License-Identifier: LGPL-2.1-only
#include "api/answers.hpp"

#include <cstdlib>
#include <cstring>
#include <new>

namespace xlsnap::api {

namespace {

char *or_null(const std::string &text) {
    return text.empty() ? nullptr : to_malloc(text);
}

// A C type with its life cycle, until it is handed over.
template <typename Type, void (*Init)(Type *), void (*Dispose)(Type *)> class Owned {
  public:
    Owned() { Init(&value_); }
    Owned(const Owned &) = delete;
    Owned &operator=(const Owned &) = delete;
    Owned(Owned &&) = delete;
    Owned &operator=(Owned &&) = delete;
    ~Owned() { Dispose(&value_); }

    Type *operator->() { return &value_; }

    void hand_over(Type &out) {
        out = value_;
        Init(&value_);
    }

  private:
    Type value_{};
};

using OwnedSnapshot =
    Owned<libxl_domain_snapshot, libxl_domain_snapshot_init, libxl_domain_snapshot_dispose>;
using OwnedDomain =
    Owned<libxl_snapshot_domain, libxl_snapshot_domain_init, libxl_snapshot_domain_dispose>;

template <typename Element> Element *allocate(std::size_t count) {
    auto *elements = static_cast<Element *>(std::calloc(count, sizeof(Element)));
    if (elements == nullptr)
        throw std::bad_alloc();
    return elements;
}

libxl_domain_snapshot_state state_of(SnapshotState state) {
    switch (state) {
    case SnapshotState::Running:
        return LIBXL_DOMAIN_SNAPSHOT_STATE_RUNNING;
    case SnapshotState::Blocked:
        return LIBXL_DOMAIN_SNAPSHOT_STATE_BLOCKED;
    case SnapshotState::Paused:
        return LIBXL_DOMAIN_SNAPSHOT_STATE_PAUSED;
    case SnapshotState::Shutdown:
        return LIBXL_DOMAIN_SNAPSHOT_STATE_SHUTDOWN;
    case SnapshotState::Dying:
        return LIBXL_DOMAIN_SNAPSHOT_STATE_DYING;
    case SnapshotState::Inactive:
        return LIBXL_DOMAIN_SNAPSHOT_STATE_INACTIVE;
    case SnapshotState::Unknown:
        break;
    }
    return LIBXL_DOMAIN_SNAPSHOT_STATE_UNKNOWN;
}

libxl_disk_snapshot_kind kind_of(DiskSnapshotKind kind) {
    switch (kind) {
    case DiskSnapshotKind::Internal:
        return LIBXL_DISK_SNAPSHOT_KIND_INTERNAL;
    case DiskSnapshotKind::External:
        return LIBXL_DISK_SNAPSHOT_KIND_EXTERNAL;
    case DiskSnapshotKind::None:
        break;
    }
    return LIBXL_DISK_SNAPSHOT_KIND_NONE;
}

libxl_snapshot_compression compression_of(MemoryCompression compression) {
    switch (compression) {
    case MemoryCompression::None:
        return LIBXL_SNAPSHOT_COMPRESSION_NONE;
    case MemoryCompression::Zstd:
        break;
    }
    return LIBXL_SNAPSHOT_COMPRESSION_ZSTD;
}

void fill_disk(libxl_domain_snapshot_disk &out, const DiskRecord &disk) {
    libxl_domain_snapshot_disk_init(&out);
    out.vdev = to_malloc(disk.vdev);
    out.kind = kind_of(disk.kind);
    out.path = to_malloc(disk.path);
    out.format = to_malloc(std::string(to_string(disk.format)));
    out.tag = or_null(disk.tag);
    if (disk.kind == DiskSnapshotKind::External) {
        out.overlay = to_malloc(disk.overlay);
        out.overlay_format = to_malloc(std::string(to_string(disk.overlay_format)));
    }
    out.virtual_size = disk.virtual_bytes;
}

void fill_disks(libxl_domain_snapshot_disk **list, int *count,
                const std::vector<DiskRecord> &disks) {
    if (disks.empty())
        return;
    *list = allocate<libxl_domain_snapshot_disk>(disks.size());
    for (const DiskRecord &disk : disks)
        fill_disk((*list)[(*count)++], disk);
}

libxl_snapshot_domain_found found_of(DomainMatch::Found found) {
    switch (found) {
    case DomainMatch::Found::Uuid:
        return LIBXL_SNAPSHOT_DOMAIN_FOUND_UUID;
    case DomainMatch::Found::Name:
        return LIBXL_SNAPSHOT_DOMAIN_FOUND_NAME;
    case DomainMatch::Found::None:
        break;
    }
    return LIBXL_SNAPSHOT_DOMAIN_FOUND_NONE;
}

} // namespace

char *to_malloc(const std::string &text) {
    char *copy = ::strdup(text.c_str());
    if (copy == nullptr)
        throw std::bad_alloc();
    return copy;
}

void fill_in(libxl_domain_snapshot &out, const SnapshotView &view) {
    const SnapshotRecord &record = view.record;
    OwnedSnapshot filled;
    filled->name = to_malloc(record.name);
    filled->creation_time = record.creation_time;
    filled->description = or_null(record.description);
    filled->state = state_of(record.state);
    if (record.memory) {
        filled->save = to_malloc(record.memory->path);
        filled->save_size = record.memory->bytes;
        filled->save_digest = to_malloc(record.memory->sha256);
        filled->save_compression = compression_of(record.memory->compression);
    }
    fill_disks(&filled->disks, &filled->num_disks, record.disks);
    filled->parent = or_null(view.parent);
    filled->live = record.live;
    filled->disk_only = !record.memory;
    filled->crash_consistent = record.crash_consistent;
    filled->current = view.current;
    filled->is_protected = record.is_protected;
    filled->domain_uuid = to_malloc(record.domain_uuid);
    filled->domain_name = to_malloc(record.domain_name);
    filled->config = or_null(record.config_json);
    filled->program_version = to_malloc(record.program_version);
    filled.hand_over(out);
}

void fill_in(libxl_domain_snapshot &out, const BrokenRecord &broken) {
    OwnedSnapshot filled;
    filled->name = to_malloc(broken.name);
    filled->broken = to_malloc(broken.reason.message);
    filled.hand_over(out);
}

void fill_in(libxl_domain_snapshot &out, const SnapshotXml &xml) {
    OwnedSnapshot filled;
    filled->name = or_null(xml.name);
    filled->description = or_null(xml.description);
    filled->disk_only = xml.memory == XmlMemory::None;
    filled->save = or_null(xml.memory_path);
    if (xml.compression)
        filled->save_compression = compression_of(*xml.compression);
    if (!xml.disks.empty())
        filled->disks = allocate<libxl_domain_snapshot_disk>(xml.disks.size());
    for (const XmlDisk &disk : xml.disks) {
        libxl_domain_snapshot_disk &wish = filled->disks[filled->num_disks++];
        libxl_domain_snapshot_disk_init(&wish);
        wish.vdev = to_malloc(disk.name);
        wish.kind = disk.kind ? kind_of(*disk.kind) : LIBXL_DISK_SNAPSHOT_KIND_DEFAULT;
        wish.overlay = or_null(disk.path);
        if (disk.format != DiskFormat::Unknown)
            wish.overlay_format = to_malloc(std::string(to_string(disk.format)));
    }
    filled.hand_over(out);
}

void fill_in(libxl_snapshot_domain &out, const FoundDomain &found) {
    OwnedDomain filled;
    filled->domid = found.domid ? static_cast<int>(*found.domid) : -1;
    filled->name = or_null(found.name);
    filled->uuid = to_malloc(found.match.uuid);
    filled->found = found_of(found.match.found);
    filled->note = or_null(found.match.note);
    filled.hand_over(out);
}

void fill_in(libxl_domain_snapshot **list, int *count, SnapshotListing listing) {
    const std::size_t total = listing.snapshots.size() + listing.broken.size();
    if (total == 0)
        return;
    auto *filled = allocate<libxl_domain_snapshot>(total);
    int done = 0;
    try {
        for (SnapshotView &view : listing.snapshots) {
            fill_in(filled[done++], view);
            view = {}; // of many large records the memory is used again
        }
        for (const BrokenRecord &broken : listing.broken)
            fill_in(filled[done++], broken);
    } catch (...) {
        libxl_domain_snapshot_list_free(filled, done); // what was not filled in is all zero
        throw;
    }
    *list = filled;
    *count = done;
}

void fill_in(libxl_snapshot_domain **list, int *count, const std::vector<FoundDomain> &domains) {
    if (domains.empty())
        return;
    auto *filled = allocate<libxl_snapshot_domain>(domains.size());
    int done = 0;
    try {
        for (const FoundDomain &found : domains)
            fill_in(filled[done++], found);
    } catch (...) {
        libxl_snapshot_domain_list_free(filled, done);
        throw;
    }
    *list = filled;
    *count = done;
}

void fill_in(libxl_domain_snapshot_disk **list, int *count, const std::vector<DiskRecord> &disks) {
    libxl_domain_snapshot_disk *filled = nullptr;
    int done = 0;
    try {
        fill_disks(&filled, &done, disks);
    } catch (...) {
        libxl_snapshot_domain_disks_free(filled, done);
        throw;
    }
    *list = filled;
    *count = done;
}

} // namespace xlsnap::api
