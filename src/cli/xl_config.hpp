// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>
#include <string_view>

#include "cli/session.hpp"

namespace xlsnap::cli {

// What xl makes of an xl.cfg: a libxl_domain_config in libxl's JSON. `xl create -n` reads the file,
// so that it means here what it means there. Throws std::runtime_error.
[[nodiscard]] std::string json_of_xl_config(const std::string &path);

// The JSON object in what `xl create -n` prints, which may say before it what it reads.
[[nodiscard]] std::string_view json_in(std::string_view printed);

// The domain of a verb that takes --config. Without an xl.cfg it is `who`. With one it is `who`,
// which must not run, and that configuration; or the configuration alone, which the library finds
// in the catalog by its uuid, or by its name and disks, if it is there. Throws std::exception.
[[nodiscard]] SnapshotDomain find_configured(const Session &session, const std::string &who,
                                             const std::string &xl_config);

} // namespace xlsnap::cli
