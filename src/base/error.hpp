// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace xlsnap {

// The numbers of libxl_error (tools/libs/light/libxl_types.idl in xen.git), so that the C API can
// return them unchanged while everything below src/api stays free of <libxl.h>. src/api asserts at
// compile time that the two lists agree.
enum class ErrorCode : std::int32_t {
    Nonspecific = -1,
    Fail = -3,
    NotImplemented = -4,
    NoMemory = -5,
    Invalid = -6,
    GuestTimedOut = -8,
    TimedOut = -9,
    NotReady = -11,
    LockFail = -15,
    DomainNotFound = -21,
    Aborted = -22,
    NotFound = -23,
    DomainDestroyed = -24,
    ProtocolErrorQmp = -26,
    UnknownQmpError = -27,
    QmpGenericError = -28,
    QmpCommandNotFound = -29,
    QmpDeviceNotActive = -30,
    QmpDeviceNotFound = -31,
};

// Why something failed: a code for programs, a sentence for people. The sentence names the thing
// (domain, disk, file) and what to do about it.
struct Error {
    ErrorCode code = ErrorCode::Fail;
    std::string message;
};

// Puts "context: " in front of the message. Each layer adds what only it knows, once.
[[nodiscard]] Error with_context(std::string_view context, Error error);

// "description: strerror(errno_value)", with ErrorCode::Fail unless the errno has a fitting code.
[[nodiscard]] Error errno_error(int errno_value, std::string_view description);

} // namespace xlsnap
