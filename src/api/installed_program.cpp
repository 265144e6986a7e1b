// SPDX-License-Identifier: LGPL-2.1-only
#include "api/installed_program.hpp"

namespace xlsnap::api {

const char *installed_program() noexcept {
    return XLSNAP_PROGRAM;
}

} // namespace xlsnap::api
