// SPDX-License-Identifier: LGPL-2.1-only
#include "api/directories.hpp"

#include <filesystem>
#include <mutex>
#include <utility>

#include <fmt/format.h>

#include "libxl_snapshot.h"

namespace xlsnap::api {

namespace {

class Directory {
  public:
    explicit Directory(std::string path) : path_(std::move(path)) {}

    void set(std::string path) {
        const std::lock_guard guard(mutex_);
        path_ = std::move(path);
    }
    std::string get() {
        const std::lock_guard guard(mutex_);
        return path_;
    }

  private:
    std::mutex mutex_;
    std::string path_;
};

Directory &root() {
    static Directory the_root(LIBXL_SNAPSHOT_DEFAULT_ROOT);
    return the_root;
}

Directory &overlays() {
    static Directory the_overlays({});
    return the_overlays;
}

Status check_absolute(const std::string &path) {
    if (path.empty() || path.front() == '/')
        return {};
    return fail(ErrorCode::Invalid,
                fmt::format("{} is no absolute path; give one that begins with '/'", path));
}

} // namespace

Status set_catalog_root(const std::string &path) {
    XLSNAP_TRY(check_absolute(path));
    root().set(path.empty() ? LIBXL_SNAPSHOT_DEFAULT_ROOT : path);
    return {};
}

std::string catalog_root() {
    return root().get();
}

Status set_overlay_directory(const std::string &path) {
    XLSNAP_TRY(check_absolute(path));
    std::string shortest = std::filesystem::path(path).lexically_normal().string();
    if (shortest.ends_with('/'))
        shortest.pop_back();
    if (path != shortest)
        return fail(ErrorCode::Invalid,
                    fmt::format("the directory of overlays, '{}', goes a long way round; write "
                                "'{}'",
                                path, shortest.empty() ? "/DIRECTORY" : shortest));
    overlays().set(path);
    return {};
}

std::string overlay_directory() {
    return overlays().get();
}

} // namespace xlsnap::api
