// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "adapters/posix/posix_process_runner.hpp"
#include "adapters/posix/proc_image_users.hpp"
#include "adapters/qemu/qemu_img_chains.hpp"
#include "adapters/qemu/qemu_img_images.hpp"
#include "adapters/qemu/qmp_live_disks.hpp"
#include "bench/qmp_relay.hpp"
#include "engine/ports.hpp"
#include "support/fake_kept_images.hpp"
#include "support/fake_memory_store.hpp"
#include "support/fake_toolstack.hpp"
#include "support/fake_watchers.hpp"
#include "support/qemu_process.hpp"
#include "support/recording_log.hpp"
#include "support/temporary_directory.hpp"

namespace xlsnap::bench {

// A benchmark ends at the first error.
template <typename Result> auto must(Result result) {
    if (!result) {
        std::fprintf(stderr, "%s\n", result.error().message.c_str());
        std::exit(EXIT_FAILURE);
    }
    if constexpr (!std::is_void_v<typename Result::value_type>)
        return std::move(*result);
}

// One PVH domain on qcow2 images, xvda and so on. Of Xen a fake; QEMU, qemu-img and the images are
// real.
class BenchHost {
  public:
    explicit BenchHost(const std::vector<std::string> &images);

    // The guest has all disks open.
    DomainId start_domain();

    [[nodiscard]] const Domain &configured() const { return domain_; }
    [[nodiscard]] test::QemuProcess &qemu() { return *qemu_; } // of a domain that runs
    // What the monitor() of a domain that runs goes through.
    [[nodiscard]] QmpRelay &relay() { return *relay_; }
    [[nodiscard]] std::string monitor() const { return sockets_ / "monitor"; }
    [[nodiscard]] ImageChains &image_chains() { return image_chains_; }
    [[nodiscard]] Ports ports();
    [[nodiscard]] Log &log() { return log_; }

    // Of QEMU's command line for the disk of that index.
    static std::string node(std::size_t disk);

  private:
    Domain domain_;
    test::TemporaryDirectory sockets_;
    std::optional<test::QemuProcess> qemu_;
    std::optional<QmpRelay> relay_;
    test::FakeToolstack toolstack_;
    test::FakeKeptImages kept_images_;
    test::FakeMemoryStore memory_store_;
    test::FakeWatcherLauncher watcher_launcher_;
    test::RecordingLog log_;
    PosixProcessRunner processes_;
    ProcImageUsers image_users_;
    QemuImgImages disk_images_{processes_, image_users_};
    QemuImgChains image_chains_{processes_, image_users_};
    QmpLiveDisks live_disks_{[this](DomainId) { return monitor(); }};
};

} // namespace xlsnap::bench
