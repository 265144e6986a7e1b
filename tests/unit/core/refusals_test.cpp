// SPDX-License-Identifier: LGPL-2.1-only
#include "core/refusals.hpp"

#include <gtest/gtest.h>

namespace xlsnap {

namespace {

TEST(Refusals, AreSuccessWithoutAReason) {
    Refusals refusals;
    refusals.add(Status());
    refusals.add(Status(), "disk xvda");
    EXPECT_TRUE(refusals.empty());
    EXPECT_TRUE(refusals.status());
}

TEST(Refusals, HaveTheCodeOfTheFirstAndTheTextOfAll) {
    Refusals others;
    others.add(ErrorCode::Fail, "no space");
    Refusals refusals;
    refusals.add(Status(fail(ErrorCode::NotFound, "it is not there")), "disk xvda");
    refusals.add(ErrorCode::Invalid, "it is odd");
    refusals.add(others);
    ASSERT_FALSE(refusals.status());
    EXPECT_EQ(refusals.status().error().code, ErrorCode::NotFound);
    EXPECT_EQ(refusals.status().error().message, "disk xvda: it is not there; it is odd; no space");
}

TEST(Refusals, TellACauseOnceWithAllWhomItConcerns) {
    Refusals refusals;
    for (const char *disk : {"disk xvda", "disk xvdb", "disk xvda"})
        refusals.add(Status(fail(ErrorCode::NotFound, "no qemu-img")), disk);
    refusals.add(ErrorCode::Invalid, "it is odd");
    refusals.add(ErrorCode::Invalid, "it is odd");
    Refusals others;
    others.add(Status(fail(ErrorCode::NotFound, "no qemu-img")), "disk xvdc");
    refusals.add(others);
    EXPECT_EQ(refusals.status().error().message,
              "disk xvda, disk xvdb, disk xvdc: no qemu-img; it is odd");
}

} // namespace

} // namespace xlsnap
