// SPDX-License-Identifier: LGPL-2.1-only
// Images that QEMU would never write; contract/qcow2_usage_oracle_test.cpp has those that it does.
#include "adapters/qemu/qcow2_usage.hpp"

#include <unistd.h>

#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/qemu/cluster_counts.hpp"
#include "support/temporary_directory.hpp"

namespace xlsnap::test {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::uint64_t kCluster = 512;

// Where the parts of the image lie, in clusters.
enum Place : std::uint64_t {
    RefcountTable = 1,
    RefcountBlock = 2,
    TagTable = 3,
    L1Table = 4,
    L2Table = 5,
    Data = 6,
    MoreData = 7,
    End = 8,
};

constexpr std::uint64_t at(Place place) {
    return place * kCluster;
}

// An image of 4 KiB with clusters of 512 bytes and the tag "t", whose L1 table has one L2 table
// with one cluster of data. All of it has the refcount 1.
class HandMadeQcow2 : public ::testing::Test {
  protected:
    HandMadeQcow2() : bytes_(at(End), '\0') {
        put(0, 4, 0x5146'49fb);
        put(4, 4, 3);
        put(20, 4, 9);
        put(48, 8, at(RefcountTable));
        put(56, 4, 1);
        put(60, 4, 1);
        put(64, 8, at(TagTable));
        put(96, 4, 4);
        put(100, 4, 104);
        put(at(RefcountTable), 8, at(RefcountBlock));
        for (std::uint64_t cluster = 0; cluster < End; ++cluster)
            put_refcount(cluster, 1);
        put(at(TagTable), 8, at(L1Table));
        put(at(TagTable) + 8, 4, 2);
        put(at(TagTable) + 14, 2, 1);
        bytes_[at(TagTable) + 40] = 't';
        put(at(L1Table), 8, at(L2Table));
        put(at(L2Table), 8, at(Data));
    }

    // Big endian.
    void put(std::uint64_t offset, unsigned size, std::uint64_t number) {
        for (unsigned i = size; i-- > 0; number >>= 8U)
            bytes_[offset + i] = static_cast<char>(number & 0xffU);
    }
    void put_refcount(std::uint64_t cluster, std::uint64_t count) {
        put(at(RefcountBlock) + 2 * cluster, 2, count);
    }

    Result<StorageUsage> measure() { return measure({"t"}).at(0); }
    std::vector<Result<StorageUsage>> measure(const std::vector<std::string> &tags) {
        std::ofstream(path_, std::ios::binary) << bytes_;
        return qcow2_usage(path_, tags);
    }
    // In the place of MoreData, with an L1 table of one entry.
    void add_tag(char name, std::uint64_t l1) {
        put(60, 4, 2);
        const std::uint64_t entry = at(TagTable) + 48;
        put(entry, 8, l1);
        put(entry + 8, 4, 1);
        put(entry + 14, 2, 1);
        bytes_[entry + 40] = name;
    }
    // In clusters.
    void expect(std::uint64_t held, std::uint64_t freed) {
        const auto usage = measure();
        ASSERT_TRUE(usage) << usage.error().message;
        EXPECT_EQ(usage->held, held * kCluster);
        EXPECT_EQ(usage->freed, freed * kCluster);
    }
    void refuse(ErrorCode code, std::string_view why) {
        const auto usage = measure();
        ASSERT_FALSE(usage) << "it was measured";
        EXPECT_EQ(usage.error().code, code) << usage.error().message;
        EXPECT_THAT(usage.error().message, StartsWith(path_ + ": "));
        EXPECT_THAT(usage.error().message, HasSubstr(why));
    }

    TemporaryDirectory directory_;
    std::string path_ = directory_ / "image";
    std::string bytes_;
};

TEST_F(HandMadeQcow2, IsMeasured) {
    expect(3, 3);
}

TEST_F(HandMadeQcow2, FreesOnlyWhatTheTagAloneRefersTo) {
    put_refcount(Data, 2);
    expect(3, 2);
    put_refcount(Data, 0);
    expect(3, 2);
    put(at(L2Table) + 8, 8, at(Data));
    put_refcount(Data, 2); // both are the tag's
    expect(3, 3);
}

TEST_F(HandMadeQcow2, CountsZerosThatHaveAPlace) {
    put(at(L2Table) + 8, 8, at(MoreData) | 1);
    put(at(L2Table) + 16, 8, 1);
    expect(4, 4);
}

TEST_F(HandMadeQcow2, CountsAllClustersOfCompressedData) {
    const std::uint64_t compressed = std::uint64_t{1} << 62U;
    const std::uint64_t one_more_sector = std::uint64_t{1} << 61U;
    put(at(L2Table), 8, compressed | one_more_sector | (at(Data) + 100));
    expect(4, 4);
    put(at(L2Table) + 8, 8, compressed | (at(Data) + 40));
    expect(4, 3);
    put_refcount(Data, 2);
    expect(4, 4);
}

TEST_F(HandMadeQcow2, FreesNothingThatTwoTagsReferTo) {
    add_tag('u', at(MoreData));
    put(at(MoreData), 8, at(L2Table));
    put_refcount(L2Table, 2);
    put_refcount(Data, 2);
    const auto usages = measure({"t", "u", "t"});
    for (const auto &usage : usages) {
        ASSERT_TRUE(usage) << usage.error().message;
        EXPECT_EQ(usage->held, 3 * kCluster);
        EXPECT_EQ(usage->freed, kCluster) << "its L1 table";
    }
}

TEST_F(HandMadeQcow2, IsMeasuredDespiteATagThatCannotBeRight) {
    add_tag('u', at(MoreData));
    put(at(MoreData), 8, at(MoreData));
    const auto usages = measure({"t", "u", "x", "t"});
    ASSERT_EQ(usages.size(), 4U);
    EXPECT_EQ(usages[1].error().code, ErrorCode::Invalid);
    EXPECT_EQ(usages[2].error().code, ErrorCode::NotFound);
    for (const unsigned i : {0U, 3U}) {
        ASSERT_TRUE(usages[i]) << usages[i].error().message;
        EXPECT_EQ(usages[i]->held, 3 * kCluster);
        EXPECT_EQ(usages[i]->freed, 3 * kCluster);
    }
}

// The second half of the tag's data is wrong: the first is counted already when that is found.
TEST_F(HandMadeQcow2, LeavesNothingOfATagThatCannotBeRightInTheNext) {
    add_tag('u', at(MoreData));
    put(at(MoreData), 8, at(Data));
    put(at(Data), 8, at(MoreData));
    put(at(Data) + 8, 8, at(End));
    const auto usages = measure({"t", "u", "t"});
    EXPECT_EQ(usages.at(1).error().code, ErrorCode::Invalid);
    ASSERT_TRUE(usages[2]) << usages[2].error().message;
    EXPECT_EQ(usages[2]->held, 3 * kCluster);
    EXPECT_EQ(usages[2]->freed, 3 * kCluster);
}

TEST_F(HandMadeQcow2, HasNoRefcountsBeyondItsTable) {
    put(at(RefcountTable), 8, 0);
    expect(3, 0);
    put(56, 4, 0);
    expect(3, 0);
}

TEST_F(HandMadeQcow2, MayBeOfVersion2) {
    put(4, 4, 2);
    put(72, 8, UINT64_MAX);
    put(96, 4, UINT32_MAX);
    expect(3, 3);
}

TEST_F(HandMadeQcow2, NeedsItsTag) {
    bytes_[at(TagTable) + 40] = 'u';
    refuse(ErrorCode::NotFound, "has no snapshot 't'");
    put(60, 4, 2);
    bytes_[at(TagTable) + 40] = 't';
    put(at(TagTable) + 48 + 14, 2, 1);
    bytes_[at(TagTable) + 48 + 40] = 't';
    refuse(ErrorCode::Invalid, "has 2 snapshots named 't'");
}

TEST_F(HandMadeQcow2, IsRefusedWhenItIsOfAnUnknownKind) {
    put(72, 8, 4);
    refuse(ErrorCode::NotImplemented, "in another file");
    put(72, 8, 32);
    refuse(ErrorCode::NotImplemented, "features 0x20");
    put(72, 8, 2);
    refuse(ErrorCode::Invalid, "marked as corrupt");
    put(4, 4, 4);
    refuse(ErrorCode::NotImplemented, "version 4");
    put(0, 4, 0);
    refuse(ErrorCode::Fail, "not an image in the format qcow2");
    bytes_.resize(3);
    refuse(ErrorCode::Fail, "not an image in the format qcow2");
}

TEST_F(HandMadeQcow2, IsRefusedWhenItsHeaderIsBeyondTheLimits) {
    put(20, 4, 22);
    refuse(ErrorCode::Invalid, "clusters of 1 << 22 bytes");
    put(20, 4, 8);
    refuse(ErrorCode::Invalid, "clusters of 1 << 8 bytes");
    put(20, 4, 9);
    put(96, 4, 7);
    refuse(ErrorCode::Invalid, "refcounts of 1 << 7 bits");
    put(60, 4, 65537);
    put(96, 4, 4);
    refuse(ErrorCode::Invalid, "65537 tags");
}

TEST_F(HandMadeQcow2, IsRefusedWhenItsTagsAreBeyondTheLimits) {
    put(at(TagTable) + 36, 4, 1025);
    refuse(ErrorCode::Invalid, "1025 bytes of extra data");
    put(at(TagTable) + 36, 4, 0);
    put(at(TagTable) + 8, 4, (1U << 22U) + 1);
    refuse(ErrorCode::Invalid, "an L1 table of 4194305 entries");
    put(at(TagTable) + 8, 4, 1U << 22U);
    refuse(ErrorCode::Invalid, "an L1 table of 33554432 bytes");
    put(64, 8, UINT64_MAX - 7);
    refuse(ErrorCode::Invalid, "the snapshot table");
}

TEST_F(HandMadeQcow2, IsRefusedWhenItsTagsGoOnBehindItsEnd) {
    put(60, 4, 65536);
    put(64, 8, at(End));
    bytes_.append(160, '\0'); // four of them
    refuse(ErrorCode::Invalid, "the snapshot table of 40 bytes at byte 4256");
}

TEST_F(HandMadeQcow2, IsRefusedWhenATableLiesElsewhere) {
    put(at(L1Table), 8, at(End));
    refuse(ErrorCode::Invalid, "an L2 table of 512 bytes at byte 4096");
    put(at(L1Table), 8, at(L2Table));
    put(at(L1Table) + 8, 8, at(L2Table));
    refuse(ErrorCode::Invalid, "two tables at byte 2560");
    put(at(L1Table) + 8, 8, at(L1Table));
    refuse(ErrorCode::Invalid, "two tables at byte 2048");
    put(at(L1Table) + 8, 8, 0);
    put(at(TagTable), 8, at(L1Table) + 8);
    refuse(ErrorCode::Invalid, "does not begin a cluster");
    put(at(TagTable), 8, at(L1Table));
    put(at(L2Table), 8, at(End));
    refuse(ErrorCode::Invalid, "data of 1 bytes at byte 4096");
    put(at(L2Table), 8, std::uint64_t{1} << 62U | at(End));
    refuse(ErrorCode::Invalid, "compressed data");
    put(at(L2Table), 8, at(Data));
    put(at(RefcountTable), 8, at(End));
    refuse(ErrorCode::Invalid, "a refcount block of 512 bytes");
    put(48, 8, UINT64_MAX - 511);
    refuse(ErrorCode::Invalid, "the refcount table");
}

TEST_F(HandMadeQcow2, IsNotReadForDaysWhenItIsAllHoles) {
    // 2049 L2 tables of 2 MiB, of which the file stores nothing.
    const std::uint64_t large = std::uint64_t{2} << 20U;
    put(20, 4, 21);
    put(at(TagTable) + 8, 4, 2049);
    put(at(TagTable), 8, large);
    std::string l1;
    std::swap(l1, bytes_);
    bytes_.assign(large + 2049 * 8, '\0');
    bytes_.replace(0, l1.size(), l1);
    for (std::uint64_t i = 0; i < 2049; ++i)
        put(large + 8 * i, 8, (i + 2) * large);
    std::ofstream(path_, std::ios::binary) << bytes_;
    ASSERT_EQ(::truncate(path_.c_str(), static_cast<off_t>(2100 * large)), 0);
    const auto usage = qcow2_usage(path_, {"t"}).at(0);
    ASSERT_FALSE(usage);
    EXPECT_EQ(usage.error().code, ErrorCode::NotImplemented);
    EXPECT_THAT(usage.error().message, HasSubstr("2049 L2 tables"));
}

TEST(Qcow2Usage, WantsAFileOrADevice) {
    EXPECT_EQ(qcow2_usage("/nonexistent/image", {"t"}).at(0).error().code, ErrorCode::NotFound);
    EXPECT_EQ(qcow2_usage("/", {"t"}).at(0).error().code, ErrorCode::Invalid);
    EXPECT_EQ(qcow2_usage("/dev/null", {"t"}).at(0).error().code, ErrorCode::Invalid);
}

TEST(ClusterCounts, CountNoFurtherThanTheyCan) {
    ClusterCounts counts;
    for (unsigned i = 1; i <= UINT16_MAX; ++i)
        ASSERT_EQ(counts.add(7).value_or(0), i);
    EXPECT_EQ(counts.add(7).error().code, ErrorCode::NotImplemented);
    EXPECT_EQ(counts.remove(7).value_or(0), UINT16_MAX - 1U);
    EXPECT_EQ(counts.remove(8).error().code, ErrorCode::Invalid) << "of the same chunk";
    EXPECT_EQ(counts.remove(1U << 20U).error().code, ErrorCode::Invalid);
}

} // namespace
} // namespace xlsnap::test
