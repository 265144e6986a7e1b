// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include "ports/disk_images.hpp"
#include "ports/image_chains.hpp"
#include "ports/image_users.hpp"
#include "ports/kept_images.hpp"
#include "ports/live_disks.hpp"
#include "ports/log.hpp"
#include "ports/memory_store.hpp"
#include "ports/toolstack.hpp"
#include "ports/watcher_launcher.hpp"

namespace xlsnap {

// Everything an operation needs of the outside world. The composition root (src/api) owns the
// objects; they outlive every operation.
struct Ports {
    Toolstack &toolstack;
    LiveDisks &live_disks;
    DiskImages &disk_images;
    ImageChains &image_chains;
    ImageUsers &image_users;
    KeptImages &kept_images;
    MemoryStore &memory_store;
    Log &log;
    WatcherLauncher &watcher_launcher;
};

} // namespace xlsnap
