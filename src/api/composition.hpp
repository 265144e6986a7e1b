// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include "adapters/libxl/domain_events.hpp"
#include "adapters/libxl/toolstack.hpp"
#include "adapters/posix/immutable_images.hpp"
#include "adapters/posix/posix_process_runner.hpp"
#include "adapters/posix/posix_watchers.hpp"
#include "adapters/posix/proc_image_users.hpp"
#include "adapters/posix/program_watcher_launcher.hpp"
#include "adapters/qemu/qemu_img_chains.hpp"
#include "adapters/qemu/qemu_img_images.hpp"
#include "adapters/qemu/qmp_live_disks.hpp"
#include "adapters/store/file_catalog.hpp"
#include "adapters/store/file_memory_store.hpp"
#include "api/logger.hpp"
#include "engine/catalog_records.hpp"
#include "engine/catalogued_snapshots.hpp"
#include "engine/domain_finder.hpp"
#include "engine/domain_monitor.hpp"
#include "engine/inactive_snapshots.hpp"
#include "engine/snapshot_service.hpp"
#include "engine/stateless_removal.hpp"

namespace xlsnap::api {

// The composition root: the real adapters around one libxl_ctx, for the time of one call.
class Composition {
  public:
    explicit Composition(libxl_ctx *ctx);

    [[nodiscard]] Toolstack &toolstack() { return toolstack_; }
    [[nodiscard]] Catalog &catalog() { return catalog_; }
    [[nodiscard]] SnapshotService &service() { return service_; }
    [[nodiscard]] InactiveSnapshots &inactive() { return inactive_; }
    [[nodiscard]] StatelessRemoval &removal() { return removal_; }
    [[nodiscard]] DomainFinder &finder() { return finder_; }
    [[nodiscard]] CatalogRecords &records() { return records_; }
    [[nodiscard]] CataloguedSnapshots &catalogued() { return catalogued_; }
    [[nodiscard]] DomainMonitor &monitor() { return monitor_; }

  private:
    LoggerLog log_;
    LibxlToolstack toolstack_;
    QmpLiveDisks live_disks_;
    PosixProcessRunner runner_;
    ProcImageUsers image_users_;
    QemuImgImages disk_images_;
    QemuImgChains image_chains_;
    ImmutableImages kept_images_;
    FileMemoryStore memory_store_;
    ProgramWatcherLauncher watcher_launcher_;
    Ports ports_{toolstack_,   live_disks_,   disk_images_, image_chains_,    image_users_,
                 kept_images_, memory_store_, log_,         watcher_launcher_};
    SnapshotService service_;
    InactiveSnapshots inactive_;
    FileCatalog catalog_;
    StatelessRemoval removal_;
    DomainFinder finder_;
    CatalogRecords records_;
    CataloguedSnapshots catalogued_;
    LibxlDomainEvents events_;
    PosixWatchers watchers_;
    DomainMonitor monitor_;
};

} // namespace xlsnap::api
