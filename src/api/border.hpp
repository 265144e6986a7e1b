// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <exception>
#include <new>

#include <fmt/format.h>

#include "api/last_error.hpp"
#include "api/last_plan.hpp"
#include "base/result.hpp"
#include "libxl_snapshot.h"

namespace xlsnap::api {

// Runs `operation`, which returns a Status, and turns its outcome into what C sees.
template <typename Operation> int guarded(Operation &&operation) noexcept {
    clear_last_error();
    clear_last_plan();
    try {
        const Status status = operation();
        return status ? 0 : set_last_error(status.error());
    } catch (const std::bad_alloc &) {
        return set_last_error(ErrorCode::NoMemory,
                              "this program is out of memory; end others, then try again");
    } catch (const std::exception &exception) {
        return set_last_error(ErrorCode::Fail, exception.what());
    }
}

[[nodiscard]] inline Status check_context(const libxl_ctx *ctx) {
    if (ctx == nullptr)
        return fail(ErrorCode::Invalid, "the libxl context is NULL; pass one of libxl_ctx_alloc");
    return {};
}

template <typename Type> [[nodiscard]] Status check_place(const Type *place, const char *what) {
    if (place != nullptr)
        return {};
    return fail(ErrorCode::Invalid, fmt::format("{} is NULL; pass the place for the answer", what));
}

} // namespace xlsnap::api
