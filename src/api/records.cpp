// SPDX-License-Identifier: LGPL-2.1-only
#include "api/records.hpp"

#include <climits>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

#include <fmt/format.h>

#include "api/field_values.hpp"

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

void fill_disks(libxl_domain_snapshot *out, const std::vector<DiskRecord> &disks) {
    if (disks.empty())
        return;
    out->disks = allocate<libxl_domain_snapshot_disk>(disks.size());
    for (const DiskRecord &disk : disks)
        fill_disk(out->disks[out->num_disks++], disk);
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

std::string text_or_empty(const char *text) {
    return text == nullptr ? std::string() : text;
}

Result<DiskWishKind> wish_of(const libxl_disk_snapshot_kind &field) {
    switch (number_in<unsigned>(field)) {
    case LIBXL_DISK_SNAPSHOT_KIND_DEFAULT:
        return DiskWishKind::Default;
    case LIBXL_DISK_SNAPSHOT_KIND_NONE:
        return DiskWishKind::None;
    case LIBXL_DISK_SNAPSHOT_KIND_INTERNAL:
        return DiskWishKind::Internal;
    case LIBXL_DISK_SNAPSHOT_KIND_EXTERNAL:
        return DiskWishKind::External;
    default:
        return fail(ErrorCode::Invalid, "the kind of a disk is none that there is; give one of "
                                        "LIBXL_DISK_SNAPSHOT_KIND_*");
    }
}

Status check_array(int count, const void *array) {
    if (count >= 0 && (count == 0 || array != nullptr))
        return {};
    return fail(ErrorCode::Invalid,
                fmt::format("the number of disks is {} and their array {}; give "
                            "an array of that length",
                            count, array == nullptr ? "NULL" : "there"));
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
    }
    fill_disks(filled.operator->(), record.disks);
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
    if (!xml.disks.empty())
        filled->disks = allocate<libxl_domain_snapshot_disk>(xml.disks.size());
    for (const XmlDisk &disk : xml.disks) {
        libxl_domain_snapshot_disk &wish = filled->disks[filled->num_disks++];
        libxl_domain_snapshot_disk_init(&wish);
        wish.vdev = to_malloc(disk.name);
        wish.kind = disk.kind ? kind_of(*disk.kind) : LIBXL_DISK_SNAPSHOT_KIND_DEFAULT;
        wish.overlay = or_null(disk.path);
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

void fill_in(libxl_domain_snapshot **list, int *count, const SnapshotListing &listing) {
    const std::size_t total = listing.snapshots.size() + listing.broken.size();
    if (total == 0)
        return;
    auto *filled = allocate<libxl_domain_snapshot>(total);
    int done = 0;
    try {
        for (const SnapshotView &view : listing.snapshots)
            fill_in(filled[done++], view);
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

Result<std::string> text_in(const char *text, const char *what) {
    if (text == nullptr || *text == '\0')
        return fail(ErrorCode::Invalid, fmt::format("{} is missing; give one", what));
    return std::string(text);
}

Result<DomainReference> reference_of(const libxl_snapshot_domain *domain) {
    if (domain == nullptr)
        return fail(ErrorCode::Invalid,
                    "the domain is NULL; pass one of libxl_snapshot_find_domain");
    DomainReference reference;
    reference.key = text_or_empty(domain->uuid);
    reference.config_json = text_or_empty(domain->config);
    if (domain->domid == 0)
        return fail(ErrorCode::Invalid, "domain 0 controls this host and cannot be snapshotted; "
                                        "name a guest (xl list shows all)");
    if (domain->domid > 0)
        reference.domid = static_cast<DomainId>(domain->domid);
    else if (reference.key.empty() && reference.config_json.empty())
        return fail(ErrorCode::Invalid, "the domain has neither a domid nor a uuid nor a "
                                        "configuration; give one of them");
    return reference;
}

Result<CreateWish> create_wish_of(const libxl_domain_snapshot *snapshot, unsigned flags) {
    if (snapshot == nullptr)
        return fail(ErrorCode::Invalid, "the snapshot is NULL; pass a libxl_domain_snapshot");
    if (flag_in(snapshot->live))
        return fail(ErrorCode::NotImplemented,
                    "live snapshots are not implemented yet; ask for live=false");
    XLSNAP_TRY(check_array(snapshot->num_disks, snapshot->disks));
    CreateWish wish;
    wish.name = text_or_empty(snapshot->name);
    wish.description = text_or_empty(snapshot->description);
    wish.disk_only = flag_in(snapshot->disk_only);
    wish.left_paused = (flags & LIBXL_SNAPSHOT_PAUSED) != 0;
    wish.dry_run = (flags & LIBXL_SNAPSHOT_DRY_RUN) != 0;
    for (int i = 0; i < snapshot->num_disks; ++i) {
        DiskWish disk;
        XLSNAP_ASSIGN(disk.vdev, text_in(snapshot->disks[i].vdev, "the vdev of a disk"));
        XLSNAP_ASSIGN(disk.kind, wish_of(snapshot->disks[i].kind));
        wish.disks.push_back(std::move(disk));
    }
    return wish;
}

Result<SnapshotFilter> filter_of(unsigned flags) {
    constexpr unsigned known = (LIBXL_SNAPSHOT_LIST_TOPOLOGICAL << 1U) - 1;
    if ((flags & ~known) != 0)
        return fail(ErrorCode::Invalid, fmt::format("the filter {:#x} has bits that no "
                                                    "LIBXL_SNAPSHOT_LIST_* has; leave them out",
                                                    flags));
    const auto is_set = [flags](unsigned flag) { return (flags & flag) != 0; };
    return SnapshotFilter{.roots = is_set(LIBXL_SNAPSHOT_LIST_ROOTS),
                          .descendants = is_set(LIBXL_SNAPSHOT_LIST_DESCENDANTS),
                          .leaves = is_set(LIBXL_SNAPSHOT_LIST_LEAVES),
                          .no_leaves = is_set(LIBXL_SNAPSHOT_LIST_NO_LEAVES),
                          .active = is_set(LIBXL_SNAPSHOT_LIST_ACTIVE),
                          .inactive = is_set(LIBXL_SNAPSHOT_LIST_INACTIVE),
                          .disk_only = is_set(LIBXL_SNAPSHOT_LIST_DISK_ONLY),
                          .internal = is_set(LIBXL_SNAPSHOT_LIST_INTERNAL),
                          .external = is_set(LIBXL_SNAPSHOT_LIST_EXTERNAL),
                          .topological = is_set(LIBXL_SNAPSHOT_LIST_TOPOLOGICAL)};
}

} // namespace xlsnap::api
