// SPDX-License-Identifier: LGPL-2.1-only
#include "api/composition.hpp"

#include <sys/random.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <system_error>

#include <fmt/format.h>

#include "api/directories.hpp"
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

std::uint64_t seconds_now() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::seconds>(now).count());
}

std::string random_id() {
    std::uint64_t random = 0;
    if (::getrandom(&random, sizeof(random), 0) != sizeof(random))
        throw std::system_error(errno, std::generic_category(), "cannot get a random number");
    return fmt::format("{:016x}", random);
}

Circumstances circumstances() {
    return {seconds_now, random_id, unique_name, XLSNAP_VERSION};
}

} // namespace

Composition::Composition(libxl_ctx *ctx)
    : toolstack_(ctx, log_), disk_images_(runner_, image_users_),
      image_chains_(runner_, image_users_), watcher_launcher_(runner_, installed_program(), log_),
      service_(ports_, unique_name), inactive_(ports_, unique_name), catalog_(catalog_root(), log_),
      removal_(ports_, catalog_, unique_name, circumstances().wait), finder_(toolstack_, catalog_),
      records_(catalog_), catalogued_(ports_, catalog_, circumstances()), events_(ctx),
      monitor_(toolstack_, events_, image_users_, watchers_, log_) {}

} // namespace xlsnap::api
