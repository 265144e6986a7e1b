// SPDX-License-Identifier: LGPL-2.1-only
#include <algorithm>
#include <filesystem>
#include <optional>
#include <span>
#include <stdexcept>

#include "cli/config_file.hpp"
#include "cli/described_snapshot.hpp"
#include "cli/domain_config.hpp"
#include "cli/json_output.hpp"
#include "cli/no_catalog.hpp"
#include "cli/outcome.hpp"
#include "cli/progress.hpp"
#include "cli/stale_config.hpp"
#include "cli/verbs.hpp"
#include "cli/writable_disks.hpp"
#include "cli/xl_config.hpp"

namespace xlsnap::cli {

namespace {

void fill_in_from_file(libxl_domain_snapshot &snapshot, const std::string &path,
                       const std::string &directory) {
    const SnapshotFile file = read_snapshot_file(path);
    try {
        fill_in(snapshot, file, directory);
    } catch (const std::runtime_error &error) {
        throw std::runtime_error(path + ": " + error.what());
    }
}

DomainSnapshot begin_with_file(const CreateCommand &command, const Session &session,
                               const libxl_snapshot_domain &domain) {
    DomainSnapshot snapshot;
    if (!command.xml_file.empty())
        snapshot = snapshot_from_xml(session.xen(), domain, read_text_file(command.xml_file));
    if (!command.information_file.empty())
        fill_in_from_file(*snapshot, command.information_file, session.directory_of(domain));
    return snapshot;
}

libxl_domain_snapshot_disk &disk_of(DomainSnapshot &snapshot, const std::string &vdev) {
    const std::span disks(snapshot->disks, static_cast<std::size_t>(snapshot->num_disks));
    const auto found =
        std::ranges::find_if(disks, [&vdev](const auto &disk) { return vdev == disk.vdev; });
    return found != disks.end() ? *found
                                : add_disk(snapshot, vdev, LIBXL_DISK_SNAPSHOT_KIND_DEFAULT);
}

void choose_disk(DomainSnapshot &snapshot, const DiskChoice &choice) {
    libxl_domain_snapshot_disk &disk = disk_of(snapshot, choice.vdev);
    if (choice.kind != LIBXL_DISK_SNAPSHOT_KIND_DEFAULT)
        disk.kind = choice.kind;
    if (!choice.path.empty())
        set_text(disk.overlay, choice.path);
    if (!choice.format.empty())
        set_text(disk.overlay_format, choice.format);
}

// What the command line says, over what the file says.
void choose_what_is_said(DomainSnapshot &snapshot, const CreateCommand &command) {
    if (!command.name.empty())
        set_text(snapshot->name, command.name);
    if (command.description)
        set_text(snapshot->description, *command.description);
    snapshot->disk_only = snapshot->disk_only || command.disk_only;
    snapshot->live = snapshot->live || command.live;
    if (!command.memory_file.empty())
        set_text(snapshot->save, command.memory_file);
    if (command.compression)
        snapshot->save_compression = *command.compression;
    for (const DiskChoice &choice : command.disks)
        choose_disk(snapshot, choice);
}

void check_compression(const CreateCommand &command, const libxl_snapshot_domain &domain,
                       const libxl_domain_snapshot &snapshot) {
    if (command.compression && (domain.domid < 0 || snapshot.disk_only))
        throw UsageError(called(domain) + ": a snapshot of disks alone has no memory image to "
                                          "compress; leave --compress out");
}

std::vector<std::string> writable_disks_of(libxl_ctx *ctx, const libxl_snapshot_domain &domain) {
    if (domain.domid >= 0)
        return writable_disks(ctx, static_cast<std::uint32_t>(domain.domid));
    if (domain.config != nullptr)
        return writable_disks(DomainConfig(ctx, domain.config).get());
    return {};
}

// The kind that the administrator settled, for every disk of which nothing is said. What he settled
// for all domains does not forbid a live snapshot, which has no internal disks.
void choose_default_kind(DomainSnapshot &snapshot, const Session &session,
                         const libxl_snapshot_domain &domain) {
    if (session.settings().default_kind == Settings::Kind::Auto || snapshot->live)
        return;
    for (const std::string &vdev : writable_disks_of(session.xen(), domain)) {
        libxl_domain_snapshot_disk &disk = disk_of(snapshot, vdev);
        if (disk.kind == LIBXL_DISK_SNAPSHOT_KIND_DEFAULT)
            disk.kind = session.settings().default_kind == Settings::Kind::Internal
                            ? LIBXL_DISK_SNAPSHOT_KIND_INTERNAL
                            : LIBXL_DISK_SNAPSHOT_KIND_EXTERNAL;
    }
}

// Of a memory image, of which nothing is said.
void choose_default_compression(DomainSnapshot &snapshot, const Session &session) {
    if (snapshot->save_compression == LIBXL_SNAPSHOT_COMPRESSION_DEFAULT && !snapshot->disk_only &&
        session.settings().compress)
        snapshot->save_compression = LIBXL_SNAPSHOT_COMPRESSION_ZSTD;
}

std::uint64_t memory_of(libxl_ctx *ctx, int domid) {
    libxl_dominfo info;
    libxl_dominfo_init(&info);
    const int rc = libxl_domain_info(ctx, &info, static_cast<std::uint32_t>(domid));
    const std::uint64_t bytes = rc == 0 ? info.current_memkb * 1024 : 0;
    libxl_dominfo_dispose(&info);
    return bytes;
}

// Where the memory image grows: in the file that was chosen, or in the catalog.
void show_progress(std::optional<ImageProgress> &progress, const Session &session,
                   const libxl_snapshot_domain &domain, const char *chosen) {
    const std::filesystem::path file = chosen == nullptr ? "" : chosen;
    progress.emplace(chosen == nullptr ? session.directory_of(domain) : file.parent_path().string(),
                     file.filename(), memory_of(session.xen(), domain.domid));
}

void create(const Session &session, const libxl_snapshot_domain &domain, DomainSnapshot &snapshot,
            unsigned flags) {
    std::optional<ImageProgress> progress;
    if (domain.domid >= 0 && !snapshot->disk_only && (flags & LIBXL_SNAPSHOT_DRY_RUN) == 0)
        show_progress(progress, session, domain, snapshot->save);
    create_snapshot(session.xen(), domain, snapshot, flags);
}

// Only a snapshot that was made is current.
void tell_stale_config(const libxl_snapshot_domain &domain, const libxl_domain_snapshot &snapshot,
                       const std::string &xl_config) {
    if (!snapshot.current)
        return;
    for (const std::string &note :
         stale_config_notes(images_changed_by(snapshot), domain.domid >= 0, xl_config))
        warn(called(domain) + ": " + note);
}

std::string created(const libxl_domain_snapshot &snapshot) {
    return std::string(snapshot.crash_consistent ? "crash-consistent " : "") + "snapshot " +
           (snapshot.name == nullptr ? "" : snapshot.name) + " created";
}

} // namespace

void run(const CreateCommand &command, const Session &session) {
    if (command.no_catalog.is_asked()) {
        create_without_catalog(command, session);
        return;
    }
    Session::begin_change();
    const SnapshotDomain domain = find_configured(session, command.domain, command.xl_config);
    if (command.paused && domain->domid < 0)
        throw UsageError(called(*domain) + " does not run, so it cannot be left paused; leave "
                                           "--paused out");
    if (!command.overlay_directory.empty())
        set_overlay_directory(command.overlay_directory);
    DomainSnapshot snapshot = begin_with_file(command, session, *domain);
    choose_what_is_said(snapshot, command);
    check_compression(command, *domain, *snapshot);
    choose_default_kind(snapshot, session, *domain);
    choose_default_compression(snapshot, session);
    try {
        create(session, *domain, snapshot,
               flag_if(command.dry_run, LIBXL_SNAPSHOT_DRY_RUN) |
                   flag_if(command.paused, LIBXL_SNAPSHOT_PAUSED));
    } catch (const SnapshotError &) { // the domain could not be left paused, say
        tell_stale_config(*domain, *snapshot, command.xl_config);
        throw;
    }
    tell_stale_config(*domain, *snapshot, command.xl_config);
    if (command.json && command.dry_run)
        write_plan_json(stdout, plan());
    else if (command.json)
        write_json(stdout, *snapshot);
    else
        tell_or_plan(command.dry_run, *domain, created(*snapshot));
}

} // namespace xlsnap::cli
