// SPDX-License-Identifier: LGPL-2.1-only
#include "base/error.hpp"

#include <cerrno>
#include <system_error>

#include <fmt/format.h>

namespace xlsnap {

Error with_context(std::string_view context, Error error) {
    error.message = fmt::format("{}: {}", context, error.message);
    return error;
}

Error errno_error(int errno_value, std::string_view description) {
    ErrorCode code = ErrorCode::Fail;
    std::string_view advice;
    switch (errno_value) {
    case ENOENT:
        code = ErrorCode::NotFound;
        break;
    case ENOMEM:
        code = ErrorCode::NoMemory;
        break;
    case ETIMEDOUT:
        code = ErrorCode::TimedOut;
        break;
    case ENOSPC:
    case EDQUOT:
        advice = "; make room there";
        break;
    default:
        break;
    }
    return {code, fmt::format("{}: {}{}", description, std::system_category().message(errno_value),
                              advice)};
}

} // namespace xlsnap
