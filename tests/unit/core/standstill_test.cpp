// SPDX-License-Identifier: LGPL-2.1-only
#include "core/standstill.hpp"

#include <gtest/gtest.h>

namespace xlsnap {

namespace {

ChainLayer image_of(std::uint64_t gibibytes, std::uint64_t cluster_bytes) {
    ChainLayer image;
    image.allocated_bytes = gibibytes << 30U;
    image.cluster_bytes = cluster_bytes;
    return image;
}

TEST(Standstill, GrowsWithTheClustersOfAllImages) {
    EXPECT_LT(time_for_tags({image_of(50, 65536)}), kLongestUnasked);
    EXPECT_GT(time_for_tags({image_of(70, 65536)}), kLongestUnasked);
    EXPECT_GT(time_for_tags({image_of(40, 65536), image_of(40, 65536)}), kLongestUnasked);
    EXPECT_LT(time_for_tags({image_of(500, 2097152)}), kLongestUnasked);
    EXPECT_EQ(time_for_tags({}).count(), 0);
}

TEST(Standstill, OfALiveSnapshotDoesNotGrowWithTheMemory) {
    EXPECT_GT(time_for_memory(std::uint64_t{8} << 30U, false),
              time_for_memory(std::uint64_t{1} << 30U, false));
    EXPECT_EQ(time_for_memory(std::uint64_t{8} << 30U, true),
              time_for_memory(std::uint64_t{1} << 30U, true));
}

TEST(Standstill, IsToldInSeconds) {
    EXPECT_EQ(about(std::chrono::milliseconds(2340)), "about 2.3 s");
    EXPECT_EQ(about(std::chrono::milliseconds(3)), "about 0.1 s");
}

} // namespace

} // namespace xlsnap
