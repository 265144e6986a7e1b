// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "adapters/posix/immutable_images.hpp"
#include "adapters/posix/posix_process_runner.hpp"
#include "adapters/posix/proc_image_users.hpp"
#include "adapters/qemu/qemu_img_chains.hpp"
#include "adapters/qemu/qemu_img_images.hpp"
#include "adapters/qemu/qmp_live_disks.hpp"
#include "adapters/store/file_catalog.hpp"
#include "engine/catalogued_snapshots.hpp"
#include "integration/model/guest_qemu.hpp"
#include "support/fake_memory_store.hpp"
#include "support/fake_toolstack.hpp"
#include "support/fake_watchers.hpp"
#include "support/recording_log.hpp"
#include "support/temporary_directory.hpp"

namespace xlsnap::test {

// A host with one domain. Of Xen and of memory images a fake, all else is real: the catalog, the
// images, qemu-img, and a QEMU whenever the domain runs, on what its configuration says.
class ModelHost {
  public:
    static constexpr const char *kKey = "0c8f9d2e-6f0a-4d1a-9b53-1d6e3c1f9a01"; // its uuid

    // The domain has disks xvda and xvdb, empty images of this size, the one qcow2, the other as is
    // said, and does not run.
    ModelHost(std::uint64_t bytes, DiskFormat of_xvdb);
    ModelHost(const ModelHost &) = delete;
    ModelHost &operator=(const ModelHost &) = delete;
    ModelHost(ModelHost &&) = delete;
    ModelHost &operator=(ModelHost &&) = delete;
    ~ModelHost();

    [[nodiscard]] bool runs() { return toolstack_.find(kName) != nullptr; }
    [[nodiscard]] Subject subject();
    [[nodiscard]] GuestQemu &qemu() { return *qemu_; } // of a domain that runs
    [[nodiscard]] std::string &guest_memory() { return toolstack_.find(kName)->memory; }

    // xl create with a configuration that names the present images, and the end of the guest.
    Status start();
    void power_off();

    // What the domain writes to, or would if it ran.
    [[nodiscard]] std::vector<Disk> disks();
    // It was there before any snapshot.
    [[nodiscard]] bool is_of_user(const std::string &image) const;
    // The file system knows immutable files.
    [[nodiscard]] bool can_keep_images() const { return can_keep_images_; }
    [[nodiscard]] std::string image_directory() const { return images_.path(); }
    [[nodiscard]] DomainCatalog records();
    [[nodiscard]] CataloguedSnapshots &snapshots() { return snapshots_; }
    [[nodiscard]] RecordingLog &log() { return log_; }

  private:
    static constexpr const char *kName = "g1";

    void open_images(const Domain &domain);
    void close_images();
    void follow_records();

    TemporaryDirectory images_;
    TemporaryDirectory catalog_directory_;
    RecordingLog log_;
    std::optional<GuestQemu> qemu_;
    FakeToolstack toolstack_;
    PosixProcessRunner processes_;
    ProcImageUsers image_users_;
    QemuImgImages disk_images_{processes_, image_users_};
    QemuImgChains image_chains_{processes_, image_users_};
    QmpLiveDisks live_disks_{[this](DomainId) { return qemu_->monitor(); }};
    ImmutableImages kept_images_;
    FakeMemoryStore memory_store_;
    FakeWatcherLauncher watcher_launcher_;
    FileCatalog catalog_{catalog_directory_ / "snapshots", log_};
    std::uint64_t seconds_ = 1'700'000'000;
    std::uint64_t ids_ = 0;
    std::uint64_t uniques_ = 0;
    CataloguedSnapshots snapshots_;
    std::set<std::string> of_user_;
    bool can_keep_images_ = false;
    Domain configured_; // the user's xl.cfg, which follows the records
};

} // namespace xlsnap::test
