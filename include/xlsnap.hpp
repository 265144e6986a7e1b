// SPDX-License-Identifier: LGPL-2.1-only
//
// xlsnap.hpp: libxl_snapshot.h for C++20. Header only; std types only; owners are move-only.
// The manual is libxl_snapshot.h: what a function does, its errors and what a failure leaves are
// the same. A failure is thrown as xlsnap::SnapshotError.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>

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

// What to snapshot, revert to or delete: owns a libxl_domain_snapshot_args.
class SnapshotArgs {
  public:
    SnapshotArgs() { libxl_domain_snapshot_args_init(&args_); }
    SnapshotArgs(const SnapshotArgs &) = delete;
    SnapshotArgs &operator=(const SnapshotArgs &) = delete;
    SnapshotArgs(SnapshotArgs &&other) noexcept : args_(other.args_) {
        libxl_domain_snapshot_args_init(&other.args_);
    }
    SnapshotArgs &operator=(SnapshotArgs &&other) noexcept {
        if (this != &other) {
            libxl_domain_snapshot_args_dispose(&args_);
            args_ = other.args_;
            libxl_domain_snapshot_args_init(&other.args_);
        }
        return *this;
    }
    ~SnapshotArgs() { libxl_domain_snapshot_args_dispose(&args_); }

    // With memory, in the memory image at `path`.
    SnapshotArgs &memory(std::string_view path) {
        char *copy = duplicate(path);
        std::free(args_.memory_path);
        args_.memory_path = copy;
        args_.memory = true;
        return *this;
    }

    // With the disk `vdev`; its internal snapshot is called `name`.
    SnapshotArgs &disk(std::string_view vdev, std::string_view name) {
        libxl_disk_snapshot &added = append();
        added.disk.vdev = duplicate(vdev);
        added.name = duplicate(name);
        return *this;
    }

    // With the qcow2 image at `path`, a disk of an inactive domain.
    SnapshotArgs &image(std::string_view path, std::string_view name) {
        libxl_disk_snapshot &added = append();
        added.disk.pdev_path = duplicate(path);
        added.disk.format = LIBXL_DISK_FORMAT_QCOW2;
        added.name = duplicate(name);
        return *this;
    }

    [[nodiscard]] libxl_domain_snapshot_args *get() noexcept { return &args_; }

  private:
    libxl_disk_snapshot &append() {
        const auto count = static_cast<std::size_t>(args_.num_disks);
        void *grown = std::realloc(args_.disks, (count + 1) * sizeof(*args_.disks));
        if (grown == nullptr)
            throw std::bad_alloc();
        args_.disks = static_cast<libxl_disk_snapshot *>(grown);
        libxl_disk_snapshot &added = args_.disks[count];
        libxl_disk_snapshot_init(&added);
        ++args_.num_disks;
        return added;
    }

    static char *duplicate(std::string_view text) {
        auto *copy = static_cast<char *>(std::malloc(text.size() + 1));
        if (copy == nullptr)
            throw std::bad_alloc();
        std::memcpy(copy, text.data(), text.size());
        copy[text.size()] = '\0';
        return copy;
    }

    libxl_domain_snapshot_args args_;
};

namespace detail {

inline void check(int rc) {
    if (rc != 0)
        throw SnapshotError(rc, libxl_snapshot_last_error());
}

} // namespace detail

inline void create_snapshot(libxl_ctx *ctx, std::uint32_t domid, SnapshotArgs &snapshot) {
    detail::check(
        libxl_domain_snapshot_create(ctx, static_cast<int>(domid), snapshot.get(), false));
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

} // namespace xlsnap
