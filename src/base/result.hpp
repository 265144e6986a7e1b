// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string_view>
#include <utility>

#include <tl/expected.hpp>

#include "base/error.hpp"

namespace xlsnap {

// A value or the Error that prevented it. A class of its own instead of an alias so that the
// compiler refuses a caller who ignores one.
template <typename T> class [[nodiscard]] Result : public tl::expected<T, Error> {
  public:
    using Base = tl::expected<T, Error>;
    using Base::Base;

    // The same result; an error gains "context: " in front.
    [[nodiscard]] Result with_context(std::string_view context) && {
        if (!this->has_value())
            return failure(xlsnap::with_context(context, std::move(this->error())));
        return std::move(*this);
    }

    static Result failure(Error error) { return Result(tl::unexpected<Error>(std::move(error))); }
};

using Status = Result<void>;

[[nodiscard]] inline tl::unexpected<Error> fail(ErrorCode code, std::string message) {
    return tl::unexpected<Error>(Error{code, std::move(message)});
}

[[nodiscard]] inline tl::unexpected<Error> fail(Error error) {
    return tl::unexpected<Error>(std::move(error));
}

} // namespace xlsnap

#define XLSNAP_CONCAT_INNER(a, b) a##b
#define XLSNAP_CONCAT(a, b) XLSNAP_CONCAT_INNER(a, b)

// Evaluates a Status (or Result whose value is not wanted) and returns its error to the caller.
#define XLSNAP_TRY(expression)                                                                     \
    do {                                                                                           \
        auto xlsnap_status = (expression);                                                         \
        if (!xlsnap_status)                                                                        \
            return ::xlsnap::fail(std::move(xlsnap_status.error()));                               \
    } while (false)

#define XLSNAP_ASSIGN_IMPL(result, declaration, expression)                                        \
    auto result = (expression);                                                                    \
    if (!result)                                                                                   \
        return ::xlsnap::fail(std::move(result.error()));                                          \
    declaration = std::move(*result)

// XLSNAP_ASSIGN(auto disks, list_disks(domid)): binds the value or returns the error.
#define XLSNAP_ASSIGN(declaration, expression)                                                     \
    XLSNAP_ASSIGN_IMPL(XLSNAP_CONCAT(xlsnap_result_, __LINE__), declaration, expression)
