// SPDX-License-Identifier: LGPL-2.1-only
#include "cli/units.hpp"

#include <cstdlib>
#include <ctime>
#include <limits>
#include <stdexcept>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace xlsnap::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

constexpr auto kLargest = std::numeric_limits<std::uint64_t>::max();

TEST(Size, IsInTheUnitThatFits) {
    EXPECT_EQ(size_text(0), "0 B");
    EXPECT_EQ(size_text(1023), "1023 B");
    EXPECT_EQ(size_text(1024), "1 KiB");
    EXPECT_EQ(size_text(512ULL << 20), "512 MiB");
    EXPECT_EQ(size_text(4ULL << 30), "4 GiB");
    EXPECT_EQ(size_text(kLargest), "15 EiB");
}

TEST(Size, HasADecimalWhereItSaysSomething) {
    EXPECT_EQ(size_text(1536), "1.5 KiB");
    EXPECT_EQ(size_text((3ULL << 29) + (1ULL << 20)), "1.5 GiB");
    EXPECT_EQ(size_text(1030), "1 KiB");
    EXPECT_EQ(size_text(10 * 1024 + 512), "10 KiB");
    EXPECT_EQ(size_text((10ULL << 20) - 1), "9.9 MiB");
}

class LocalTime : public testing::Test {
  protected:
    void SetUp() override { use("CET-1CEST,M3.5.0,M10.5.0/3"); }
    void TearDown() override {
        ::unsetenv("TZ");
        ::tzset();
    }

  private:
    static void use(const char *zone) {
        ::setenv("TZ", zone, 1);
        ::tzset();
    }
};

TEST_F(LocalTime, IsThatOfTheZone) {
    EXPECT_EQ(local_time(1397207577), "2014-04-11 11:12:57");
    EXPECT_EQ(local_time(0), "1970-01-01 01:00:00");
}

TEST_F(LocalTime, InUtcIsIso8601) {
    EXPECT_EQ(utc_time(1397207577), "2014-04-11T09:12:57Z");
}

TEST_F(LocalTime, BeyondTheCalendarIsANumber) {
    EXPECT_EQ(utc_time(253402300799), "9999-12-31T23:59:59Z");
    EXPECT_EQ(utc_time(253402300800), "@253402300800");
    EXPECT_EQ(utc_time(kLargest), "@18446744073709551615");
    EXPECT_EQ(local_time(kLargest / 2), "@9223372036854775807");
}

TEST(Clock, HasHoursWhenThereAreAny) {
    EXPECT_EQ(clock_text(0), "0:00");
    EXPECT_EQ(clock_text(125), "2:05");
    EXPECT_EQ(clock_text(3725), "1:02:05");
}

TEST(Duration, IsReadInItsUnit) {
    EXPECT_EQ(duration_seconds("45s"), 45U);
    EXPECT_EQ(duration_seconds("90m"), 5400U);
    EXPECT_EQ(duration_seconds("12h"), 43200U);
    EXPECT_EQ(duration_seconds("30d"), 2592000U);
    EXPECT_EQ(duration_seconds("2w"), 1209600U);
    EXPECT_EQ(duration_seconds("0d"), 0U);
    EXPECT_EQ(duration_seconds("18446744073709551615s"), kLargest);
}

TEST(Duration, IsRefusedWhenItIsNone) {
    for (const char *text : {"", "30", "d", "-1d", "+1d", " 1d", "1 d", "1dd", "1.5d", "0x1d", "1y",
                             "99999999999999999999"})
        EXPECT_THAT([text] { return duration_seconds(text); },
                    ThrowsMessage<std::runtime_error>(HasSubstr("30d")))
            << text;
    EXPECT_THAT([] { return duration_seconds("\x1b[2J"); },
                ThrowsMessage<std::runtime_error>(HasSubstr("\\x1b")));
}

TEST(Duration, IsRefusedWhenItIsTooLong) {
    for (const char *text :
         {"18446744073709551616s", "307445734561825861m", "99999999999999999999w"})
        EXPECT_THAT([text] { return duration_seconds(text); },
                    ThrowsMessage<std::runtime_error>(HasSubstr("too long")))
            << text;
    EXPECT_EQ(duration_seconds("307445734561825860m"), 18446744073709551600U);
}

} // namespace
} // namespace xlsnap::cli
