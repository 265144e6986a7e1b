// SPDX-License-Identifier: LGPL-2.1-only
#include "base/error.hpp"

#include <cerrno>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace xlsnap {
namespace {

TEST(ErrorTest, ContextStandsInFrontAndTheCodeStays) {
    const Error error =
        with_context("disk xvda", with_context("image.qcow2", {ErrorCode::NotReady, "in use"}));
    EXPECT_EQ(error.message, "disk xvda: image.qcow2: in use");
    EXPECT_EQ(error.code, ErrorCode::NotReady);
}

TEST(ErrorTest, ErrnoBecomesASentence) {
    const Error error = errno_error(EACCES, "cannot open image.qcow2");
    EXPECT_EQ(error.message, "cannot open image.qcow2: Permission denied");
    EXPECT_EQ(error.code, ErrorCode::Fail);
}

TEST(ErrorTest, AFullFileSystemIsToBeGivenRoom) {
    for (const int full : {ENOSPC, EDQUOT})
        EXPECT_THAT(errno_error(full, "x").message, ::testing::EndsWith("; make room there"));
}

TEST(ErrorTest, ErrnoThatHasACodeOfItsOwnGetsIt) {
    EXPECT_EQ(errno_error(ENOENT, "x").code, ErrorCode::NotFound);
    EXPECT_EQ(errno_error(ENOMEM, "x").code, ErrorCode::NoMemory);
    EXPECT_EQ(errno_error(ETIMEDOUT, "x").code, ErrorCode::TimedOut);
}

} // namespace
} // namespace xlsnap
