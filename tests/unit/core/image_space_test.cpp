// SPDX-License-Identifier: LGPL-2.1-only
#include "core/image_space.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace xlsnap {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::uint64_t kMib = std::uint64_t{1} << 20U;
constexpr std::uint64_t kGib = std::uint64_t{1} << 30U;

ChainLayer layer_of(std::uint64_t allocated, std::uint64_t cluster = 65536,
                    std::uint64_t virtual_bytes = kGib) {
    ChainLayer layer;
    layer.virtual_bytes = virtual_bytes;
    layer.allocated_bytes = allocated;
    layer.cluster_bytes = cluster;
    layer.mark.inode = 1;
    return layer;
}

TEST(ImageSpace, AMergeTakesWhatTheLayersHoldAndTablesForIt) {
    const ChainLayer moved[] = {layer_of(100 * kMib), layer_of(50 * kMib)};
    const std::uint64_t needed = bytes_for_merge(moved, layer_of(0), kGib);
    EXPECT_GE(needed, 150 * kMib);
    EXPECT_LE(needed, 152 * kMib);
}

TEST(ImageSpace, AMergeTakesNoMoreThanTheDiskHas) {
    const ChainLayer moved[] = {layer_of(kGib), layer_of(kGib)};
    EXPECT_LE(bytes_for_merge(moved, layer_of(0), kGib), kGib + 2 * kMib);
    EXPECT_EQ(bytes_for_merge(moved, layer_of(0, 0), kGib), kGib);
}

TEST(ImageSpace, LargeClustersAreTakenForSmallPieces) {
    const ChainLayer moved[] = {layer_of(kMib, 65536)};
    EXPECT_GE(bytes_for_merge(moved, layer_of(0, 2 * kMib), kGib), 16 * 2 * kMib);
}

TEST(ImageSpace, ScatteredBlocksOfARawFileTakeAClusterEach) {
    const ChainLayer chain[] = {layer_of(0), layer_of(kMib, 0)};
    EXPECT_GE(bytes_for_copy(chain), 256 * 65536U);
    EXPECT_LE(bytes_for_copy(chain), 256 * 65536U + 2 * kMib);
    const ChainLayer moved[] = {layer_of(kMib, 0)};
    EXPECT_GE(bytes_for_merge(moved, layer_of(0, 2 * kMib), kGib), 256 * 2 * kMib);
}

TEST(ImageSpace, ALayerTakesNoMoreThanItsOwnSize) {
    const ChainLayer chain[] = {layer_of(0), layer_of(4 * kMib, 0, 4 * kMib)};
    EXPECT_GE(bytes_for_copy(chain), 4 * kMib);
    EXPECT_LE(bytes_for_copy(chain), 6 * kMib);
}

TEST(ImageSpace, ARevertTakesItsTablesTwice) {
    EXPECT_GE(bytes_for_revert(layer_of(0, 65536, kGib), 64 * kGib), 2 * 8 * kMib);
    EXPECT_GE(bytes_for_revert(layer_of(0, 65536, 64 * kGib), kGib), 2 * 8 * kMib);
    EXPECT_LE(bytes_for_revert(layer_of(0, 65536, kGib), 64 * kGib), 32 * kMib);
    // A table of 512 bytes, for 32 KiB of data, takes 64 KiB.
    EXPECT_GE(bytes_for_revert(layer_of(0, 512, kMib), kMib), 2 * 2 * kMib);
}

TEST(ImageSpace, ABlockDeviceTakesNothing) {
    const ChainLayer moved[] = {layer_of(kMib)};
    ChainLayer device = layer_of(0, 0);
    device.mark.inode = 0;
    EXPECT_EQ(bytes_for_merge(moved, device, kGib), 0U);
    EXPECT_EQ(bytes_for_merge({}, layer_of(0), kGib), 0U);
}

TEST(ImageSpace, ACopyTakesTheWholeChain) {
    const ChainLayer chain[] = {layer_of(kMib), layer_of(kGib, 0)};
    EXPECT_GE(bytes_for_copy(chain), kGib);
    EXPECT_LE(bytes_for_copy(chain), kGib + 2 * kMib);
}

TEST(ImageSpace, WhatIsMissingIsTold) {
    EXPECT_TRUE(expect_space("/i", kMib, kMib));
    const Status refused = expect_space("/i", kGib, kMib);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::Fail);
    EXPECT_THAT(refused.error().message,
                AllOf(HasSubstr("/i may take 1025 MiB"), HasSubstr("only 1 MiB")));
}

TEST(SpaceNeeds, OfOneFileSystemAreTakenTogether) {
    SpaceNeeds needs;
    needs.take("/a", 10 * kMib, {1, 12 * kMib});
    needs.take("/other", 10 * kMib, {2, 12 * kMib});
    EXPECT_TRUE(needs.refusals().empty());
    needs.take("/b", 10 * kMib, {1, 12 * kMib});
    const Status refused = needs.refusals().status();
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message,
                AllOf(HasSubstr("/a and /b may take 21 MiB"), HasSubstr("only 12 MiB")));
}

TEST(SpaceNeeds, AreToldOncePerFileSystem) {
    SpaceNeeds needs;
    for (const char *path : {"/a", "/b", "/c"})
        needs.take(path, 10 * kMib, {1, kMib});
    EXPECT_THAT(needs.refusals().status().error().message, Not(HasSubstr("/b")));
}

TEST(SpaceNeeds, HaveWhatARemovedImageTook) {
    SpaceNeeds needs;
    needs.take("/a", 10 * kMib, {1, 12 * kMib});
    needs.give_back(9 * kMib, {2, 12 * kMib});
    needs.give_back(9 * kMib, {1, 12 * kMib});
    needs.take("/b", 10 * kMib, {1, 12 * kMib});
    EXPECT_TRUE(needs.refusals().empty());
    needs.give_back(kGib, {1, 12 * kMib});
    needs.take("/c", 13 * kMib, {1, 12 * kMib});
    EXPECT_FALSE(needs.refusals().empty()) << "what is free was asked before";
}

} // namespace
} // namespace xlsnap
