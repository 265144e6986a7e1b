// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <exception>
#include <utility>

#include "base/result.hpp"

namespace xlsnap {

// Calls `work`; an exception of it becomes an error. For places where an exception that flew on
// would skip what must be put right, such as a guest that is suspended.
template <typename Work> [[nodiscard]] Status guarded(Work &&work) {
    try {
        return std::forward<Work>(work)();
    } catch (const std::exception &exception) {
        return fail(ErrorCode::Fail, exception.what());
    }
}

} // namespace xlsnap
