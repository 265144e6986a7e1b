// SPDX-License-Identifier: LGPL-2.1-only
#include "api/catalog_root.hpp"

#include <mutex>

#include <fmt/format.h>

namespace xlsnap::api {

namespace {

// As in "[RFC v3] domain snapshot documents" (xen-devel, June 2014).
constexpr const char *kDefaultRoot = "/var/lib/xen/snapshots";

struct Root {
    std::mutex mutex;
    std::string path = kDefaultRoot;
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
    root().path = path.empty() ? kDefaultRoot : path;
    return {};
}

std::string catalog_root() {
    const std::lock_guard guard(root().mutex);
    return root().path;
}

} // namespace xlsnap::api
