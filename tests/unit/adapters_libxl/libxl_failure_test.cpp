// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/libxl/libxl_failure.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/libxl/libxl_types.hpp"

namespace xlsnap::test {

namespace {

TEST(LibxlFailure, KeepsTheNumbersThatErrorCodeKnows) {
    for (int rc :
         {ERROR_NONSPECIFIC, ERROR_FAIL, ERROR_NI, ERROR_NOMEM, ERROR_INVAL, ERROR_GUEST_TIMEDOUT,
          ERROR_TIMEDOUT, ERROR_NOT_READY, ERROR_LOCK_FAIL, ERROR_DOMAIN_NOTFOUND, ERROR_ABORTED,
          ERROR_NOTFOUND, ERROR_DOMAIN_DESTROYED, ERROR_PROTOCOL_ERROR_QMP, ERROR_UNKNOWN_QMP_ERROR,
          ERROR_QMP_GENERIC_ERROR, ERROR_QMP_COMMAND_NOT_FOUND, ERROR_QMP_DEVICE_NOT_ACTIVE,
          ERROR_QMP_DEVICE_NOT_FOUND})
        EXPECT_EQ(static_cast<int>(libxl_failure(rc, "try", "do").code), rc);
}

TEST(LibxlFailure, CallsEveryOtherNumberAFailure) {
    for (int rc : {static_cast<int>(ERROR_VNUMA_CONFIG_INVALID), -1000, 7})
        EXPECT_EQ(libxl_failure(rc, "try", "do").code, ErrorCode::Fail);
}

TEST(LibxlFailure, SaysWhatWasTriedWhatLibxlSaidAndWhatToDo) {
    EXPECT_EQ(
        libxl_failure(ERROR_GUEST_TIMEDOUT, "suspend domain g1 (7)", "look at its console").message,
        "cannot suspend domain g1 (7): libxl says guest_timedout (-8); look at its console");
    EXPECT_THAT(libxl_failure(-1000, "try", "do").message,
                ::testing::HasSubstr("an unknown error (-1000)"));
}

} // namespace

} // namespace xlsnap::test
