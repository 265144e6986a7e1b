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

// The domain of a verb that takes --config: `who`, or without it the one that the xl.cfg names by
// uuid or name. With an xl.cfg it must not run, and gets that configuration; then the catalog need
// not know it. Throws std::exception.
[[nodiscard]] SnapshotDomain find_configured(const Session &session, const std::string &who,
                                             const std::string &xl_config);

} // namespace xlsnap::cli
