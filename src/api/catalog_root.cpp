// SPDX-License-Identifier: LGPL-2.1-only
#include "api/catalog_root.hpp"

#include <mutex>

#include <fmt/format.h>

#include "libxl_snapshot.h"

namespace xlsnap::api {

namespace {

struct Root {
    std::mutex mutex;
    std::string path = LIBXL_SNAPSHOT_DEFAULT_ROOT;
};

Root &root() {
    static Root the_root;
    return the_root;
}

} // namespace

Status set_catalog_root(const std::string &path) {
    if (!path.empty() && path.front() != '/')
        return fail(ErrorCode::Invalid,
                    fmt::format("{} is no absolute path; give one that begins with '/'", path));
    const std::lock_guard guard(root().mutex);
    root().path = path.empty() ? LIBXL_SNAPSHOT_DEFAULT_ROOT : path;
    return {};
}

std::string catalog_root() {
    const std::lock_guard guard(root().mutex);
    return root().path;
}

} // namespace xlsnap::api
