// SPDX-License-Identifier: LGPL-2.1-only
#include "api/composition.hpp"

#include <unistd.h>

#include <atomic>
#include <chrono>

#include <fmt/format.h>

#include "api/installed_program.hpp"

namespace xlsnap::api {

namespace {

// Distinct on this host at any time, and legible: when, and by which process.
std::string unique_name() {
    static std::atomic<unsigned> counter{0};
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return fmt::format("{}-{}-{}", std::chrono::duration_cast<std::chrono::seconds>(now).count(),
                       ::getpid(), counter++);
}

} // namespace

Composition::Composition(libxl_ctx *ctx)
    : toolstack_(ctx, log_), disk_images_(runner_, image_users_),
      watcher_launcher_(runner_, installed_program(), log_), service_(ports_, unique_name),
      inactive_(ports_, unique_name), events_(ctx),
      monitor_(toolstack_, events_, image_users_, watchers_, log_) {}

} // namespace xlsnap::api
