// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/store/catalog_root.hpp"

#include <utility>

#include <fmt/format.h>

#include "adapters/store/private_directory.hpp"
#include "adapters/store/record_shapes.hpp"

namespace xlsnap {

CatalogRoot::CatalogRoot(std::string path) : path_(std::move(path)) {
    while (path_.size() > 1 && path_.ends_with('/'))
        path_.pop_back();
}

Result<std::optional<DurableDirectory>> CatalogRoot::open() const {
    Result<DurableDirectory> parent = open_parent();
    if (!parent && parent.error().code == ErrorCode::NotFound)
        return std::optional<DurableDirectory>();
    if (!parent)
        return fail(std::move(parent.error()));
    return open_private(*parent, name());
}

Result<std::optional<DurableDirectory>> CatalogRoot::open_domain(const std::string &uuid) const {
    XLSNAP_TRY(check_uuid(uuid));
    XLSNAP_ASSIGN(const std::optional<DurableDirectory> root, open());
    return root ? open_private(*root, uuid) : std::optional<DurableDirectory>();
}

Result<DurableDirectory> CatalogRoot::make() const {
    XLSNAP_ASSIGN(const DurableDirectory parent, open_parent());
    return make_private(parent, name());
}

Result<DurableDirectory> CatalogRoot::make_domain(const std::string &uuid) const {
    XLSNAP_TRY(check_uuid(uuid));
    XLSNAP_ASSIGN(const DurableDirectory root, make());
    return make_private(root, uuid);
}

Result<DurableDirectory> CatalogRoot::open_parent() const {
    if (!path_.starts_with('/') || name().empty() || name() == "." || name() == "..")
        return fail(ErrorCode::Invalid,
                    fmt::format("the catalog cannot lie in '{}'; give the absolute path of a "
                                "directory of its own",
                                path_));
    return DurableDirectory::open(path_.substr(0, path_.rfind('/') + 1));
}

Status check_uuid(const std::string &uuid) {
    if (is_uuid(uuid))
        return {};
    return fail(ErrorCode::Invalid,
                fmt::format("'{}' is no uuid; give one in small letters, with dashes", uuid));
}

} // namespace xlsnap
