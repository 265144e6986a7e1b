// SPDX-License-Identifier: LGPL-2.1-only
#include "api/wishes.hpp"

#include <utility>

#include <fmt/format.h>

#include "api/arguments.hpp"
#include "api/directories.hpp"
#include "api/field_values.hpp"

namespace xlsnap::api {

namespace {

constexpr unsigned kRevertFlags = LIBXL_SNAPSHOT_DRY_RUN | LIBXL_SNAPSHOT_FORCE |
                                  LIBXL_SNAPSHOT_PAUSED | LIBXL_SNAPSHOT_RUNNING |
                                  LIBXL_SNAPSHOT_KEEP_CURRENT;
constexpr unsigned kDeleteFlags =
    LIBXL_SNAPSHOT_DRY_RUN | LIBXL_SNAPSHOT_FORCE | LIBXL_SNAPSHOT_DELETE_CHILDREN |
    LIBXL_SNAPSHOT_DELETE_CHILDREN_ONLY | LIBXL_SNAPSHOT_DELETE_METADATA_ONLY |
    LIBXL_SNAPSHOT_DELETE_MERGE | LIBXL_SNAPSHOT_DELETE_DISCARD | LIBXL_SNAPSHOT_DELETE_NOT_CURRENT;

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

Result<MemoryCompression> wish_of(const libxl_snapshot_compression &field) {
    switch (number_in<unsigned>(field)) {
    case LIBXL_SNAPSHOT_COMPRESSION_DEFAULT:
    case LIBXL_SNAPSHOT_COMPRESSION_NONE:
        return MemoryCompression::None;
    case LIBXL_SNAPSHOT_COMPRESSION_ZSTD:
        return MemoryCompression::Zstd;
    default:
        return fail(ErrorCode::Invalid, "the compression is none that there is; give one of "
                                        "LIBXL_SNAPSHOT_COMPRESSION_*");
    }
}

Status check_array(int count, const void *array, const char *of_what) {
    if (count >= 0 && (count == 0 || array != nullptr))
        return {};
    return fail(ErrorCode::Invalid,
                fmt::format("the number of {} is {} and their array {}; give an array of that "
                            "length",
                            of_what, count, array == nullptr ? "NULL" : "there"));
}

// An overlay that is named implies an external disk snapshot.
Result<DiskWish> disk_wish_of(const libxl_domain_snapshot_disk &disk) {
    DiskWish wish;
    XLSNAP_ASSIGN(wish.vdev, text_in(disk.vdev, "the vdev of a disk"));
    XLSNAP_ASSIGN(wish.kind, wish_of(disk.kind));
    if (wish.kind == DiskWishKind::Default &&
        (disk.overlay != nullptr || disk.overlay_format != nullptr))
        wish.kind = DiskWishKind::External;
    if (wish.kind != DiskWishKind::External)
        return wish;
    wish.path = text_or_empty(disk.overlay);
    XLSNAP_TRY(check_path(wish.path, "overlay"));
    wish.format = overlay_format_in(disk.overlay_format);
    return wish;
}

} // namespace

Result<std::string> text_in(const char *text, const char *what) {
    if (text == nullptr || *text == '\0')
        return fail(ErrorCode::Invalid, fmt::format("{} is missing; give one", what));
    return std::string(text);
}

Result<std::vector<std::string>> names_in(const char *const *names, int count) {
    XLSNAP_TRY(check_array(count, names, "names"));
    std::vector<std::string> texts;
    for (int i = 0; i < count; ++i) {
        XLSNAP_ASSIGN(std::string text, text_in(names[i], "a name"));
        texts.push_back(std::move(text));
    }
    return texts;
}

Status check_flags(unsigned flags, unsigned known) {
    if ((flags & ~known) == 0)
        return {};
    return fail(ErrorCode::Invalid,
                fmt::format("the flags {:#x} mean nothing to this function; leave out {:#x}", flags,
                            flags & ~known));
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
    XLSNAP_TRY(check_flags(flags, LIBXL_SNAPSHOT_DRY_RUN | LIBXL_SNAPSHOT_PAUSED));
    if (snapshot == nullptr)
        return fail(ErrorCode::Invalid, "the snapshot is NULL; pass a libxl_domain_snapshot");
    XLSNAP_TRY(check_array(snapshot->num_disks, snapshot->disks, "disks"));
    CreateWish wish;
    wish.name = text_or_empty(snapshot->name);
    wish.description = text_or_empty(snapshot->description);
    wish.disk_only = flag_in(snapshot->disk_only);
    wish.memory_path = text_or_empty(snapshot->save);
    XLSNAP_ASSIGN(wish.compression, wish_of(snapshot->save_compression));
    wish.live = flag_in(snapshot->live);
    wish.left_paused = is_set(flags, LIBXL_SNAPSHOT_PAUSED);
    wish.dry_run = is_set(flags, LIBXL_SNAPSHOT_DRY_RUN);
    wish.overlay_directory = overlay_directory();
    for (int i = 0; i < snapshot->num_disks; ++i) {
        XLSNAP_ASSIGN(DiskWish disk, disk_wish_of(snapshot->disks[i]));
        wish.disks.push_back(std::move(disk));
    }
    return wish;
}

Result<RevertWish> revert_wish_of(unsigned flags) {
    XLSNAP_TRY(check_flags(flags, kRevertFlags));
    const bool paused = is_set(flags, LIBXL_SNAPSHOT_PAUSED);
    const bool running = is_set(flags, LIBXL_SNAPSHOT_RUNNING);
    if (paused && running)
        return fail(ErrorCode::Invalid, "a domain cannot be both paused and running; give one of "
                                        "the two");
    RevertWish wish;
    wish.overlay_directory = overlay_directory();
    if (paused || running)
        wish.after = paused ? AfterRevert::Paused : AfterRevert::Running;
    wish.start = paused || running;
    wish.keep_current = is_set(flags, LIBXL_SNAPSHOT_KEEP_CURRENT);
    wish.force = is_set(flags, LIBXL_SNAPSHOT_FORCE);
    wish.dry_run = is_set(flags, LIBXL_SNAPSHOT_DRY_RUN);
    return wish;
}

Result<RevertWish> start_wish_of(unsigned flags) {
    XLSNAP_TRY(check_flags(flags, kRevertFlags & ~LIBXL_SNAPSHOT_KEEP_CURRENT));
    return revert_wish_of(flags);
}

Result<DeletionWish> deletion_wish_of(unsigned flags) {
    XLSNAP_TRY(check_flags(flags, kDeleteFlags));
    DeletionWish wish;
    wish.children = is_set(flags, LIBXL_SNAPSHOT_DELETE_CHILDREN);
    wish.children_only = is_set(flags, LIBXL_SNAPSHOT_DELETE_CHILDREN_ONLY);
    wish.metadata_only = is_set(flags, LIBXL_SNAPSHOT_DELETE_METADATA_ONLY);
    wish.merge = is_set(flags, LIBXL_SNAPSHOT_DELETE_MERGE);
    wish.discard = is_set(flags, LIBXL_SNAPSHOT_DELETE_DISCARD);
    wish.force = is_set(flags, LIBXL_SNAPSHOT_FORCE);
    wish.keep_current = is_set(flags, LIBXL_SNAPSHOT_DELETE_NOT_CURRENT);
    return wish;
}

Result<SnapshotFilter> filter_of(unsigned flags) {
    constexpr unsigned known = (LIBXL_SNAPSHOT_LIST_TOPOLOGICAL << 1U) - 1;
    if ((flags & ~known) != 0)
        return fail(ErrorCode::Invalid, fmt::format("the filter {:#x} has bits that no "
                                                    "LIBXL_SNAPSHOT_LIST_* has; leave them out",
                                                    flags));
    const auto wants = [flags](unsigned flag) { return is_set(flags, flag); };
    return SnapshotFilter{.roots = wants(LIBXL_SNAPSHOT_LIST_ROOTS),
                          .descendants = wants(LIBXL_SNAPSHOT_LIST_DESCENDANTS),
                          .leaves = wants(LIBXL_SNAPSHOT_LIST_LEAVES),
                          .no_leaves = wants(LIBXL_SNAPSHOT_LIST_NO_LEAVES),
                          .active = wants(LIBXL_SNAPSHOT_LIST_ACTIVE),
                          .inactive = wants(LIBXL_SNAPSHOT_LIST_INACTIVE),
                          .disk_only = wants(LIBXL_SNAPSHOT_LIST_DISK_ONLY),
                          .internal = wants(LIBXL_SNAPSHOT_LIST_INTERNAL),
                          .external = wants(LIBXL_SNAPSHOT_LIST_EXTERNAL),
                          .topological = wants(LIBXL_SNAPSHOT_LIST_TOPOLOGICAL)};
}

} // namespace xlsnap::api
