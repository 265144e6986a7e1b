// SPDX-License-Identifier: LGPL-2.1-only
#include "base/result.hpp"

#include <memory>
#include <string>

#include <gtest/gtest.h>

namespace xlsnap {
namespace {

Result<std::unique_ptr<int>> make(bool well) {
    if (!well)
        return fail(ErrorCode::Invalid, "not well");
    return std::make_unique<int>(7);
}

Status check(bool well) {
    if (!well)
        return fail({ErrorCode::NotReady, "not yet"});
    return {};
}

Result<int> add(bool first, bool second, int &reached) {
    XLSNAP_TRY(check(first));
    reached = 1;
    XLSNAP_ASSIGN(const std::unique_ptr<int> left, make(second));
    reached = 2;
    XLSNAP_ASSIGN(const std::unique_ptr<int> right, make(true));
    return *left + *right;
}

TEST(ResultTest, TryAndAssignPassValuesOn) {
    int reached = 0;
    const Result<int> sum = add(true, true, reached);
    ASSERT_TRUE(sum.has_value());
    EXPECT_EQ(*sum, 14);
}

TEST(ResultTest, TryReturnsTheErrorAtOnce) {
    int reached = 0;
    const Result<int> sum = add(false, true, reached);
    ASSERT_FALSE(sum.has_value());
    EXPECT_EQ(sum.error().code, ErrorCode::NotReady);
    EXPECT_EQ(sum.error().message, "not yet");
    EXPECT_EQ(reached, 0);
}

TEST(ResultTest, AssignReturnsTheErrorAtOnce) {
    int reached = 0;
    const Result<int> sum = add(true, false, reached);
    ASSERT_FALSE(sum.has_value());
    EXPECT_EQ(sum.error().message, "not well");
    EXPECT_EQ(reached, 1);
}

TEST(ResultTest, AssignFillsAVariableThatExists) {
    const auto assign = [](std::string &into) -> Status {
        XLSNAP_ASSIGN(into, Result<std::string>("text"));
        return {};
    };
    std::string text;
    ASSERT_TRUE(assign(text).has_value());
    EXPECT_EQ(text, "text");
}

TEST(ResultTest, ContextIsAddedToAnErrorOnly) {
    auto bad = make(false).with_context("disk xvda");
    ASSERT_FALSE(bad.has_value());
    EXPECT_EQ(bad.error().message, "disk xvda: not well");
    EXPECT_EQ(bad.error().code, ErrorCode::Invalid);

    auto good = make(true).with_context("disk xvda");
    ASSERT_TRUE(good.has_value());
    EXPECT_EQ(**good, 7);
}

} // namespace
} // namespace xlsnap
