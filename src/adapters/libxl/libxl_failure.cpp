// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/libxl/libxl_failure.hpp"

#include <fmt/format.h>

#include "adapters/libxl/libxl_types.hpp"

namespace xlsnap {

namespace {

ErrorCode error_code(int rc) {
    const auto code = static_cast<ErrorCode>(rc);
    switch (code) {
    case ErrorCode::Nonspecific:
    case ErrorCode::Fail:
    case ErrorCode::NotImplemented:
    case ErrorCode::NoMemory:
    case ErrorCode::Invalid:
    case ErrorCode::GuestTimedOut:
    case ErrorCode::TimedOut:
    case ErrorCode::NotReady:
    case ErrorCode::LockFail:
    case ErrorCode::DomainNotFound:
    case ErrorCode::Aborted:
    case ErrorCode::NotFound:
    case ErrorCode::DomainDestroyed:
    case ErrorCode::ProtocolErrorQmp:
    case ErrorCode::UnknownQmpError:
    case ErrorCode::QmpGenericError:
    case ErrorCode::QmpCommandNotFound:
    case ErrorCode::QmpDeviceNotActive:
    case ErrorCode::QmpDeviceNotFound:
        return code;
    }
    return ErrorCode::Fail;
}

} // namespace

Error libxl_failure(int rc, std::string_view attempt, std::string_view advice) {
    const char *name = libxl_error_to_string(static_cast<libxl_error>(rc));
    return {error_code(rc), fmt::format("cannot {}: libxl says {} ({}); {}", attempt,
                                        name == nullptr ? "an unknown error" : name, rc, advice)};
}

} // namespace xlsnap
