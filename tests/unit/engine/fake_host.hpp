// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>
#include <vector>

#include "engine/snapshot_service.hpp"
#include "support/fake_disk_images.hpp"
#include "support/fake_image_chains.hpp"
#include "support/fake_image_users.hpp"
#include "support/fake_images.hpp"
#include "support/fake_kept_images.hpp"
#include "support/fake_live_disks.hpp"
#include "support/fake_memory_store.hpp"
#include "support/fake_toolstack.hpp"
#include "support/fake_watchers.hpp"
#include "support/recording_log.hpp"

namespace xlsnap::test {

struct GuestKind {
    GuestType type = GuestType::Pvh;
    bool pv_drivers = true; // with them an HVM guest has unplugged its emulated disks
};

// A Xen host of fakes that belong together: a domain "g1" with two disks, whose QEMU opens the
// images when the domain starts and closes them when it is destroyed. The guest has written
// kAtCreate to its memory and to both disks.
class FakeHost {
  public:
    explicit FakeHost(GuestKind kind = {});

    static constexpr const char *kMemoryPath = "/images/g1.save";
    static constexpr const char *kDiskA = "/images/a.qcow2";
    static constexpr const char *kDiskB = "/images/b.qcow2";
    static constexpr const char *kAtCreate = "count 17";
    static constexpr const char *kLater = "count 99";

    [[nodiscard]] static SnapshotRequest request(bool memory = true);

    // The fakes, for another part of the engine.
    [[nodiscard]] Ports ports() {
        return {toolstack,   live_disks,   disk_images, image_chains,    image_users,
                kept_images, memory_store, log,         watcher_launcher};
    }

    // The domain g1, whatever its domid; it must exist.
    [[nodiscard]] FakeGuest &g1();
    // The guest writes this to its memory and, through its live nodes, to its disks.
    void guest_writes(const std::string &content);
    void pause_g1();

    // For toolstack.on_destroy: the domain's QEMU has its images open until somebody waits for it.
    void destroyed_slowly(const Domain &domain);

    // Every call of every fake in order; the next one fails when `fail_at` calls have been made.
    void fail_call(std::size_t index);
    [[nodiscard]] std::size_t calls_made() const { return calls_made_; }
    [[nodiscard]] const std::string &failed_call() const { return failed_call_; }

    // Empty when the guest runs (or is paused, as said), its QEMU too, and no tag, no memory image
    // and no temporary file is left; else what is wrong.
    [[nodiscard]] std::string leftovers(bool paused = false);
    // Empty when memory and disks hold `content`.
    [[nodiscard]] std::string differs_from(const std::string &content);

    FakeImages images;
    FakeImageUsers image_users;
    FakeLiveDisks live_disks{images};
    FakeDiskImages disk_images{images, image_users};
    FakeImageChains image_chains{images, image_users};
    FakeKeptImages kept_images{images};
    FakeToolstack toolstack;
    FakeMemoryStore memory_store;
    RecordingLog log;
    FakeWatcherLauncher watcher_launcher;
    SnapshotService service;

  private:
    void started(const Domain &domain);
    void destroyed(const Domain &domain);
    void used(DomainId domid, const std::string &path);
    void toolstack_called(const std::string &call);

    GuestKind kind_;
    std::size_t calls_made_ = 0;
    std::string failed_call_;
};

} // namespace xlsnap::test
