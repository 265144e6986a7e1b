// SPDX-License-Identifier: LGPL-2.1-only
//
// xlsnap.hpp: libxl_snapshot.h for C++20. Header only; std types only; owners are move-only.
// The manual is libxl_snapshot.h: what a function does, its errors and what a failure leaves are
// the same. A failure is thrown as xlsnap::SnapshotError.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libxl_snapshot.h"

namespace xlsnap {

// code() is the libxl_error, what() the text of libxl_snapshot_last_error().
class SnapshotError : public std::runtime_error {
  public:
    SnapshotError(int code, const std::string &text) : std::runtime_error(text), code_(code) {}
    [[nodiscard]] int code() const noexcept { return code_; }

  private:
    int code_;
};

namespace detail {

inline char *duplicate(std::string_view text) {
    auto *copy = static_cast<char *>(std::malloc(text.size() + 1));
    if (copy == nullptr)
        throw std::bad_alloc();
    std::memcpy(copy, text.data(), text.size());
    copy[text.size()] = '\0';
    return copy;
}

// A structure of the C API, from its _init to its _dispose.
template <typename T, void (*Init)(T *), void (*Dispose)(T *)> class Owned {
  public:
    Owned() { Init(&value_); }
    Owned(const Owned &) = delete;
    Owned &operator=(const Owned &) = delete;
    Owned(Owned &&other) noexcept : value_(other.value_) { Init(&other.value_); }
    Owned &operator=(Owned &&other) noexcept {
        if (this != &other) {
            Dispose(&value_);
            value_ = other.value_;
            Init(&other.value_);
        }
        return *this;
    }
    ~Owned() { Dispose(&value_); }

    [[nodiscard]] T *get() noexcept { return &value_; }
    [[nodiscard]] const T *get() const noexcept { return &value_; }
    T &operator*() noexcept { return value_; }
    const T &operator*() const noexcept { return value_; }
    T *operator->() noexcept { return &value_; }
    const T *operator->() const noexcept { return &value_; }

  private:
    T value_;
};

// An array that the C API gave away, to be freed by Free.
template <typename T, void (*Free)(T *, int)> class OwnedList {
  public:
    OwnedList() = default;
    OwnedList(T *list, int count) noexcept : list_(list), count_(count) {}
    OwnedList(const OwnedList &) = delete;
    OwnedList &operator=(const OwnedList &) = delete;
    OwnedList(OwnedList &&other) noexcept
        : list_(std::exchange(other.list_, nullptr)), count_(std::exchange(other.count_, 0)) {}
    OwnedList &operator=(OwnedList &&other) noexcept {
        std::swap(list_, other.list_);
        std::swap(count_, other.count_);
        return *this;
    }
    ~OwnedList() { Free(list_, count_); }

    [[nodiscard]] const T *begin() const noexcept { return list_; }
    [[nodiscard]] const T *end() const noexcept { return list_ + count_; }
    [[nodiscard]] std::size_t size() const noexcept { return static_cast<std::size_t>(count_); }
    [[nodiscard]] bool empty() const noexcept { return count_ == 0; }

  private:
    T *list_ = nullptr;
    int count_ = 0;
};

// Appends to an array of the C API.
template <typename T> T &append(T *&array, int &count, void (*init)(T *)) {
    void *grown = std::realloc(array, (static_cast<std::size_t>(count) + 1) * sizeof(T));
    if (grown == nullptr)
        throw std::bad_alloc();
    array = static_cast<T *>(grown);
    T &added = array[count];
    init(&added);
    ++count;
    return added;
}

inline void check(int rc) {
    if (rc != 0)
        throw SnapshotError(rc, libxl_snapshot_last_error());
}

} // namespace detail

// Sets a text of a structure of the C API, which frees the one before.
inline void set_text(char *&field, std::string_view text) {
    char *copy = detail::duplicate(text);
    std::free(field);
    field = copy;
}

// What to snapshot, revert to or delete: owns a libxl_domain_snapshot_args.
class SnapshotArgs {
  public:
    // With memory, in the memory image at `path`.
    SnapshotArgs &memory(std::string_view path) {
        set_text(args_->memory_path, path);
        args_->memory = true;
        return *this;
    }

    // With the disk `vdev`, whose internal snapshot is called `name`.
    SnapshotArgs &disk(std::string_view vdev, std::string_view name) {
        libxl_disk_snapshot &added = append();
        added.disk.vdev = detail::duplicate(vdev);
        added.name = detail::duplicate(name);
        return *this;
    }

    // With the qcow2 image at `path`, a disk of an inactive domain.
    SnapshotArgs &image(std::string_view path, std::string_view name) {
        libxl_disk_snapshot &added = append();
        added.disk.pdev_path = detail::duplicate(path);
        added.disk.format = LIBXL_DISK_FORMAT_QCOW2;
        added.name = detail::duplicate(name);
        return *this;
    }

    // The same as an external snapshot, which leaves the state in the image and lets the domain go
    // on with the overlay. When that is given no path, get() has it after create_snapshot():
    // external_path of the disk.
    SnapshotArgs &external(std::string_view vdev, std::string_view name,
                           std::string_view overlay = {}) {
        disk(vdev, name);
        return lay_over_last(overlay);
    }
    SnapshotArgs &external_image(std::string_view path, libxl_disk_format format,
                                 std::string_view name, std::string_view overlay = {}) {
        image(path, name);
        last().disk.format = format;
        return lay_over_last(overlay);
    }

    [[nodiscard]] libxl_domain_snapshot_args *get() noexcept { return args_.get(); }

  private:
    libxl_disk_snapshot &append() {
        return detail::append(args_->disks, args_->num_disks, libxl_disk_snapshot_init);
    }

    libxl_disk_snapshot &last() { return args_->disks[args_->num_disks - 1]; }

    SnapshotArgs &lay_over_last(std::string_view overlay) {
        last().external = true;
        if (!overlay.empty())
            set_text(last().external_path, overlay);
        return *this;
    }

    detail::Owned<libxl_domain_snapshot_args, libxl_domain_snapshot_args_init,
                  libxl_domain_snapshot_args_dispose>
        args_;
};

inline void create_snapshot(libxl_ctx *ctx, std::uint32_t domid, SnapshotArgs &snapshot,
                            bool live = false) {
    detail::check(libxl_domain_snapshot_create(ctx, static_cast<int>(domid), snapshot.get(), live));
}

// The new domid.
[[nodiscard]] inline std::uint32_t revert_to_snapshot(libxl_ctx *ctx, std::uint32_t domid,
                                                      SnapshotArgs &snapshot) {
    std::uint32_t reverted = 0;
    detail::check(libxl_domain_snapshot_revert_domid(ctx, static_cast<int>(domid), snapshot.get(),
                                                     &reverted));
    return reverted;
}

// The same, but the domain is left paused.
[[nodiscard]] inline std::uint32_t revert_to_snapshot_paused(libxl_ctx *ctx, std::uint32_t domid,
                                                             SnapshotArgs &snapshot) {
    std::uint32_t reverted = 0;
    detail::check(libxl_domain_snapshot_revert_paused(ctx, static_cast<int>(domid), snapshot.get(),
                                                      &reverted));
    return reverted;
}

// Of a domain that does not run: its disks, named by SnapshotArgs::image.
inline void create_snapshot(libxl_ctx *ctx, SnapshotArgs &snapshot) {
    detail::check(libxl_domain_snapshot_create(ctx, -1, snapshot.get(), false));
}

inline void revert_to_snapshot(libxl_ctx *ctx, SnapshotArgs &snapshot) {
    detail::check(libxl_domain_snapshot_revert(ctx, -1, snapshot.get()));
}

inline void delete_snapshot(libxl_ctx *ctx, SnapshotArgs &snapshot) {
    detail::check(libxl_domain_snapshot_delete(ctx, -1, snapshot.get()));
}

inline void delete_snapshot(libxl_ctx *ctx, std::uint32_t domid, SnapshotArgs &snapshot) {
    detail::check(libxl_domain_snapshot_delete(ctx, static_cast<int>(domid), snapshot.get()));
}

// Watches the domain until it is gone, through all its reboots.
inline void monitor_domain(libxl_ctx *ctx, std::uint32_t domid) {
    detail::check(libxl_snapshot_monitor(ctx, domid));
}

// The catalog. `flags` are those of the header.

// A domain, running or not, and its place in the catalog.
using SnapshotDomain =
    detail::Owned<libxl_snapshot_domain, libxl_snapshot_domain_init, libxl_snapshot_domain_dispose>;
using SnapshotDomainList =
    detail::OwnedList<libxl_snapshot_domain, libxl_snapshot_domain_list_free>;

// A catalogued snapshot.
using DomainSnapshot =
    detail::Owned<libxl_domain_snapshot, libxl_domain_snapshot_init, libxl_domain_snapshot_dispose>;
using DomainSnapshotList =
    detail::OwnedList<libxl_domain_snapshot, libxl_domain_snapshot_list_free>;

// Of a snapshot that is to be created: what becomes of the disk `vdev`. The disk that is given back
// holds until the next is added.
inline libxl_domain_snapshot_disk &add_disk(DomainSnapshot &snapshot, std::string_view vdev,
                                            libxl_disk_snapshot_kind kind) {
    libxl_domain_snapshot_disk &added =
        detail::append(snapshot->disks, snapshot->num_disks, libxl_domain_snapshot_disk_init);
    added.vdev = detail::duplicate(vdev);
    added.kind = kind;
    return added;
}

// For all threads, and before all else; nothing: where it is by default.
inline void set_catalog_root(const std::optional<std::string> &path) {
    detail::check(libxl_snapshot_set_root(path ? path->c_str() : nullptr));
}

// Where overlays go that are given no path, for all threads; nothing: each beside its image.
inline void set_overlay_directory(const std::optional<std::string> &path) {
    detail::check(libxl_snapshot_set_overlay_directory(path ? path->c_str() : nullptr));
}

[[nodiscard]] inline SnapshotDomain find_domain(libxl_ctx *ctx, const std::string &who) {
    SnapshotDomain domain;
    detail::check(libxl_snapshot_find_domain(ctx, who.c_str(), domain.get()));
    return domain;
}

// The domains that have snapshots.
[[nodiscard]] inline SnapshotDomainList list_domains(libxl_ctx *ctx) {
    int count = 0;
    libxl_snapshot_domain *list = libxl_snapshot_domain_list(ctx, &count);
    if (count < 0)
        throw SnapshotError(ERROR_FAIL, libxl_snapshot_last_error());
    return {list, count};
}

using SnapshotDiskList =
    detail::OwnedList<libxl_domain_snapshot_disk, libxl_snapshot_domain_disks_free>;

// The images that a domain has now.
[[nodiscard]] inline SnapshotDiskList domain_disks(libxl_ctx *ctx,
                                                   const libxl_snapshot_domain &domain) {
    int count = 0;
    libxl_domain_snapshot_disk *list = libxl_snapshot_domain_disks(ctx, &domain, &count);
    if (count < 0)
        throw SnapshotError(ERROR_FAIL, libxl_snapshot_last_error());
    return {list, count};
}

inline void create_snapshot(libxl_ctx *ctx, const libxl_snapshot_domain &domain,
                            DomainSnapshot &snapshot, unsigned flags = 0) {
    detail::check(libxl_snapshot_create(ctx, &domain, snapshot.get(), flags));
}

[[nodiscard]] inline DomainSnapshot
get_snapshot(libxl_ctx *ctx, const libxl_snapshot_domain &domain, const std::string &name) {
    DomainSnapshot snapshot;
    detail::check(libxl_snapshot_get(ctx, &domain, name.c_str(), snapshot.get()));
    return snapshot;
}

[[nodiscard]] inline bool has_snapshot(libxl_ctx *ctx, const libxl_snapshot_domain &domain,
                                       const std::string &name) {
    const int rc = libxl_snapshot_lookup(ctx, &domain, name.c_str());
    if (rc == ERROR_NOTFOUND)
        return false;
    detail::check(rc);
    return true;
}

// Nothing when no snapshot is current.
[[nodiscard]] inline std::optional<DomainSnapshot>
current_snapshot(libxl_ctx *ctx, const libxl_snapshot_domain &domain) {
    DomainSnapshot snapshot;
    const int rc = libxl_snapshot_current(ctx, &domain, snapshot.get());
    if (rc == ERROR_NOTFOUND)
        return std::nullopt;
    detail::check(rc);
    return snapshot;
}

[[nodiscard]] inline DomainSnapshot
parent_snapshot(libxl_ctx *ctx, const libxl_snapshot_domain &domain, const std::string &name) {
    DomainSnapshot snapshot;
    detail::check(libxl_snapshot_parent(ctx, &domain, name.c_str(), snapshot.get()));
    return snapshot;
}

// With `from`, those below that snapshot. `filter`: LIBXL_SNAPSHOT_LIST_*.
[[nodiscard]] inline DomainSnapshotList
list_snapshots(libxl_ctx *ctx, const libxl_snapshot_domain &domain, unsigned filter = 0,
               const std::optional<std::string> &from = {}) {
    libxl_domain_snapshot *list = nullptr;
    int count = 0;
    detail::check(
        libxl_snapshot_list(ctx, &domain, from ? from->c_str() : nullptr, filter, &list, &count));
    return {list, count};
}

[[nodiscard]] inline std::size_t count_snapshots(libxl_ctx *ctx,
                                                 const libxl_snapshot_domain &domain,
                                                 unsigned filter = 0,
                                                 const std::optional<std::string> &from = {}) {
    const int count = libxl_snapshot_num(ctx, &domain, from ? from->c_str() : nullptr, filter);
    if (count < 0)
        throw SnapshotError(count, libxl_snapshot_last_error());
    return static_cast<std::size_t>(count);
}

// The new domid, or -1 when the domain does not run; as it is given, in a dry run.
inline int revert_to_snapshot(libxl_ctx *ctx, const libxl_snapshot_domain &domain,
                              const std::string &name, unsigned flags = 0) {
    int domid = domain.domid;
    detail::check(libxl_snapshot_revert(ctx, &domain, name.c_str(), flags, &domid));
    return domid;
}

// Without a name: from the state that the domain was in last.
inline int start_domain(libxl_ctx *ctx, const libxl_snapshot_domain &domain,
                        const std::optional<std::string> &name = {}, unsigned flags = 0) {
    int domid = domain.domid;
    detail::check(
        libxl_snapshot_start(ctx, &domain, name ? name->c_str() : nullptr, flags, &domid));
    return domid;
}

inline void rename_snapshot(libxl_ctx *ctx, const libxl_snapshot_domain &domain,
                            const std::string &name, const std::string &new_name,
                            unsigned flags = 0) {
    detail::check(libxl_snapshot_rename(ctx, &domain, name.c_str(), new_name.c_str(), flags));
}

inline void describe_snapshot(libxl_ctx *ctx, const libxl_snapshot_domain &domain,
                              const std::string &name, const std::string &description,
                              unsigned flags = 0) {
    detail::check(
        libxl_snapshot_set_description(ctx, &domain, name.c_str(), description.c_str(), flags));
}

inline void protect_snapshot(libxl_ctx *ctx, const libxl_snapshot_domain &domain,
                             const std::string &name, bool is_protected, unsigned flags = 0) {
    detail::check(libxl_snapshot_set_protected(ctx, &domain, name.c_str(), is_protected, flags));
}

inline void delete_snapshot(libxl_ctx *ctx, const libxl_snapshot_domain &domain,
                            const std::string &name, unsigned flags = 0) {
    detail::check(libxl_snapshot_delete(ctx, &domain, name.c_str(), flags));
}

inline void deactivate_snapshots(libxl_ctx *ctx, const libxl_snapshot_domain &domain,
                                 unsigned flags = 0) {
    detail::check(libxl_snapshot_deactivate(ctx, &domain, flags));
}

inline void set_current_snapshot(libxl_ctx *ctx, const libxl_snapshot_domain &domain,
                                 const std::string &name, unsigned flags = 0) {
    detail::check(libxl_snapshot_set_current(ctx, &domain, name.c_str(), flags));
}

inline void verify_snapshot(libxl_ctx *ctx, const libxl_snapshot_domain &domain,
                            const std::string &name) {
    detail::check(libxl_snapshot_verify(ctx, &domain, name.c_str()));
}

struct SnapshotUsage {
    std::uint64_t held = 0;  // bytes
    std::uint64_t freed = 0; // by a deletion of the snapshot alone
};

[[nodiscard]] inline SnapshotUsage
snapshot_usage(libxl_ctx *ctx, const libxl_snapshot_domain &domain, const std::string &name) {
    SnapshotUsage usage;
    detail::check(libxl_snapshot_usage(ctx, &domain, name.c_str(), &usage.held, &usage.freed));
    return usage;
}

struct SnapshotUsages {
    std::vector<std::optional<SnapshotUsage>> each; // nothing for one that cannot be measured
    std::string reason;                             // why; empty when all are measured
};

// Of several snapshots, in their order. Throws nothing but std::bad_alloc.
[[nodiscard]] inline SnapshotUsages snapshot_usages(libxl_ctx *ctx,
                                                    const libxl_snapshot_domain &domain,
                                                    const std::vector<std::string> &names) {
    std::vector<const char *> texts;
    texts.reserve(names.size());
    for (const std::string &name : names)
        texts.push_back(name.c_str());
    std::vector<std::uint64_t> held(names.size(), LIBXL_SNAPSHOT_USAGE_UNKNOWN);
    std::vector<std::uint64_t> freed = held;
    const int rc = libxl_snapshot_usage_list(
        ctx, &domain, texts.data(), static_cast<int>(texts.size()), held.data(), freed.data());
    SnapshotUsages usages;
    if (rc != 0)
        usages.reason = libxl_snapshot_last_error();
    for (std::size_t i = 0; i < names.size(); ++i) {
        usages.each.emplace_back();
        if (held[i] != LIBXL_SNAPSHOT_USAGE_UNKNOWN)
            usages.each.back() = SnapshotUsage{held[i], freed[i]};
    }
    return usages;
}

// How many records were written again.
inline int rebuild_catalog(libxl_ctx *ctx, const libxl_snapshot_domain &domain,
                           unsigned flags = 0) {
    int count = 0;
    detail::check(libxl_snapshot_rebuild(ctx, &domain, flags, &count));
    return count;
}

[[nodiscard]] inline std::string dump_xml(libxl_ctx *ctx, const libxl_snapshot_domain &domain,
                                          const std::string &name) {
    char *text = nullptr;
    detail::check(libxl_snapshot_dumpxml(ctx, &domain, name.c_str(), &text));
    const std::unique_ptr<char, decltype(&std::free)> owner(text, &std::free);
    return text;
}

inline void import_snapshot(libxl_ctx *ctx, const libxl_snapshot_domain &domain,
                            const std::string &xml, unsigned flags = 0) {
    detail::check(libxl_snapshot_import(ctx, &domain, xml.c_str(), flags));
}

// A snapshot that is about to be created, from a <domainsnapshot>.
[[nodiscard]] inline DomainSnapshot
snapshot_from_xml(libxl_ctx *ctx, const libxl_snapshot_domain &domain, const std::string &xml) {
    DomainSnapshot snapshot;
    detail::check(libxl_domain_snapshot_from_xml(ctx, &domain, xml.c_str(), snapshot.get()));
    return snapshot;
}

// What the last call on this thread would have done, when it was a dry run.
[[nodiscard]] inline std::string plan() {
    return libxl_snapshot_plan();
}

} // namespace xlsnap
