// SPDX-License-Identifier: LGPL-2.1-only
#include "cli/described_snapshot.hpp"

#include <cstdlib>
#include <cstring>
#include <new>
#include <span>
#include <stdexcept>

#include <fmt/format.h>

namespace xlsnap::cli {

namespace {

using DiskKind = libxl_disk_snapshot_kind;

std::string text_or_empty(const char *text) {
    return text == nullptr ? "" : text;
}

std::optional<std::string> text_or_nothing(const char *text) {
    return text == nullptr ? std::nullopt : std::optional<std::string>(text);
}

std::string relative_to(const std::string &directory, const std::string &path) {
    const std::string prefix = directory + "/";
    return path.size() > prefix.size() && path.starts_with(prefix) ? path.substr(prefix.size())
                                                                   : path;
}

std::string absolute_in(const std::string &directory, const std::string &path) {
    if (path.empty() || path.starts_with('/'))
        return path;
    if (directory.empty())
        throw std::runtime_error(path + " is relative to the domain's directory in the catalog, "
                                        "which it has not yet; give an absolute path");
    return directory + "/" + path;
}

std::span<const libxl_domain_snapshot_disk> disks_of(const libxl_domain_snapshot &snapshot) {
    return {snapshot.disks, static_cast<std::size_t>(snapshot.num_disks)};
}

// What most people want to read is the kind that all disks have.
DiskKind type_of(const libxl_domain_snapshot &snapshot) {
    DiskKind type = LIBXL_DISK_SNAPSHOT_KIND_DEFAULT;
    for (const auto &disk : disks_of(snapshot)) {
        if (disk.kind == LIBXL_DISK_SNAPSHOT_KIND_INTERNAL)
            return disk.kind;
        if (disk.kind == LIBXL_DISK_SNAPSHOT_KIND_EXTERNAL)
            type = disk.kind;
    }
    return type;
}

SnapshotFileDisk file_disk_of(const libxl_domain_snapshot_disk &disk, DiskKind type,
                              const std::string &directory) {
    const bool external = disk.kind == LIBXL_DISK_SNAPSHOT_KIND_EXTERNAL;
    const std::string path = text_or_empty(external ? disk.overlay : disk.path);
    return {text_or_empty(disk.vdev), relative_to(directory, path),
            text_or_empty(external ? disk.overlay_format : disk.format),
            disk.kind == type ? LIBXL_DISK_SNAPSHOT_KIND_DEFAULT : disk.kind};
}

// NULL for an empty text.
char *malloced(const std::string &text) {
    if (text.empty())
        return nullptr;
    char *copy = ::strdup(text.c_str());
    if (copy == nullptr)
        throw std::bad_alloc();
    return copy;
}

// The time is of a snapshot that was made, and that is where the rest of the file is from.
bool is_of_one_that_was_made(const SnapshotFile &file) {
    return file.creation_time.has_value();
}

// Empty: the catalog chooses.
std::string chosen_save(const SnapshotFile &file) {
    if (!file.save || is_of_one_that_was_made(file))
        return {};
    if (file.save->starts_with('/'))
        return *file.save;
    throw std::runtime_error(fmt::format(
        "save=\"{}\" is a file in the catalog, which names the memory image of a new snapshot "
        "itself; give an absolute path, or leave it out (only in a file of info --config, with its "
        "creationtime, it may stay)",
        *file.save));
}

// It says nothing of disks that the list does not name.
void check_type(const SnapshotFile &file) {
    if (file.type == LIBXL_DISK_SNAPSHOT_KIND_DEFAULT || !file.disks.empty())
        return;
    throw std::runtime_error(fmt::format(
        "type=\"{}\" is the kind of the disks in the list disk, and none is there; name "
        "them, or leave it out",
        libxl_disk_snapshot_kind_to_string(file.type)));
}

void fill_in_overlay(libxl_domain_snapshot_disk &to, const SnapshotFileDisk &from,
                     const std::string &directory) {
    if (to.kind != LIBXL_DISK_SNAPSHOT_KIND_EXTERNAL && !(from.path.empty() && from.format.empty()))
        throw std::runtime_error(fmt::format(
            "disk {}: a path and a type are those of the overlay of an external disk snapshot; "
            "leave them out or add snapshot=external (only in a file of info --config, with its "
            "creationtime, they may stay)",
            from.vdev));
    to.overlay = malloced(absolute_in(directory, from.path));
    to.overlay_format = malloced(from.format);
}

void add_disk(libxl_domain_snapshot &snapshot, const SnapshotFile &file,
              const SnapshotFileDisk &from, const std::string &directory) {
    libxl_domain_snapshot_disk &to = snapshot.disks[snapshot.num_disks++];
    libxl_domain_snapshot_disk_init(&to);
    to.kind = from.kind == LIBXL_DISK_SNAPSHOT_KIND_DEFAULT ? file.type : from.kind;
    to.vdev = malloced(from.vdev);
    if (!is_of_one_that_was_made(file))
        fill_in_overlay(to, from, directory);
}

} // namespace

SnapshotFile snapshot_file_of(const libxl_domain_snapshot &snapshot, const std::string &directory) {
    SnapshotFile file;
    file.description = text_or_nothing(snapshot.description);
    file.name = text_or_nothing(snapshot.name);
    file.creation_time = snapshot.creation_time;
    if (snapshot.save != nullptr)
        file.save = relative_to(directory, snapshot.save);
    file.type = type_of(snapshot);
    file.live = snapshot.live;
    file.disk_only = snapshot.disk_only;
    for (const auto &disk : disks_of(snapshot))
        file.disks.push_back(file_disk_of(disk, file.type, directory));
    return file;
}

void fill_in(libxl_domain_snapshot &snapshot, const SnapshotFile &file,
             const std::string &directory) {
    snapshot.description = malloced(file.description.value_or(""));
    snapshot.name = malloced(file.name.value_or(""));
    snapshot.live = file.live;
    snapshot.disk_only = file.disk_only;
    snapshot.save = malloced(chosen_save(file));
    check_type(file);
    if (file.disks.empty())
        return;
    void *disks = std::calloc(file.disks.size(), sizeof(*snapshot.disks));
    if (disks == nullptr)
        throw std::bad_alloc();
    snapshot.disks = static_cast<libxl_domain_snapshot_disk *>(disks);
    for (const SnapshotFileDisk &disk : file.disks)
        add_disk(snapshot, file, disk, directory);
}

} // namespace xlsnap::cli
