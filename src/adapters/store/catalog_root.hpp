// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <optional>
#include <string>

#include "base/durable_directory.hpp"
#include "base/result.hpp"

namespace xlsnap {

// The directory of the whole catalog, and those of the domains in it. All belong to this user
// alone; see private_directory.hpp.
class CatalogRoot {
  public:
    // An absolute path; Invalid from every call otherwise.
    explicit CatalogRoot(std::string path);

    [[nodiscard]] const std::string &path() const { return path_; }

    // Nothing when there is none.
    [[nodiscard]] Result<std::optional<DurableDirectory>> open() const;
    [[nodiscard]] Result<std::optional<DurableDirectory>>
    open_domain(const std::string &uuid) const;

    // Made when there is none, in a directory that must be there.
    [[nodiscard]] Result<DurableDirectory> make() const;
    [[nodiscard]] Result<DurableDirectory> make_domain(const std::string &uuid) const;

  private:
    // The directory that the root is in.
    [[nodiscard]] Result<DurableDirectory> open_parent() const;
    [[nodiscard]] std::string name() const { return path_.substr(path_.rfind('/') + 1); }

    std::string path_;
};

// Invalid for anything but a uuid in small letters: it becomes part of a path.
[[nodiscard]] Status check_uuid(const std::string &uuid);

} // namespace xlsnap
