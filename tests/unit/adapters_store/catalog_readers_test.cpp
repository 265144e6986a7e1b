// SPDX-License-Identifier: LGPL-2.1-only
#include <atomic>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/adapters_store/catalog_fixture.hpp"

namespace xlsnap::test {
namespace {

using CatalogReadersTest = FileCatalogTest;

constexpr int kRounds = 250; // of four changes each
constexpr unsigned kSnapshots = 20;

// What a reader sees is whole: each id once, under a name that it had, nothing broken.
void expect_whole(const Result<DomainCatalog> &catalog) {
    ASSERT_TRUE(catalog) << catalog.error().message;
    ASSERT_TRUE(catalog->broken.empty()) << catalog->broken[0].reason.message;
    std::set<std::string> ids;
    for (const SnapshotRecord &record : catalog->snapshots)
        ids.insert(record.id);
    ASSERT_EQ(ids.size(), catalog->snapshots.size());
    ASSERT_EQ(ids.size(), std::size_t{kSnapshots});
}

TEST_F(CatalogReadersTest, MissNoRecordAndSeeNoneTwiceWhileAnotherWrites) {
    for (unsigned i = 0; i < kSnapshots; ++i)
        ASSERT_TRUE(catalog_.add(kSampleUuid, sample_record(i, "s" + std::to_string(i))));
    std::atomic<bool> over = false;
    int reads = 0;
    std::thread reader([&] {
        RecordingLog log;
        FileCatalog catalog(scratch_ / "catalog", log);
        do {
            expect_whole(catalog.read(kSampleUuid));
            ++reads;
        } while (!over && !HasFailure());
    });
    // The name goes round: a -> b, s0 -> a, b -> s0, so that names change their snapshots.
    for (int i = 0; i < kRounds && !HasFailure(); ++i) {
        EXPECT_TRUE(catalog_.rename(kSampleUuid, "s0", "spare"));
        EXPECT_TRUE(catalog_.rename(kSampleUuid, "s1", "s0"));
        EXPECT_TRUE(catalog_.rename(kSampleUuid, "spare", "s1"));
        SnapshotRecord changed = sample_record(2, "s2");
        changed.description = std::string(static_cast<std::size_t>(i), 'x');
        EXPECT_TRUE(catalog_.replace(kSampleUuid, changed));
    }
    over = true;
    reader.join();
    EXPECT_GT(reads, 0);
}

} // namespace
} // namespace xlsnap::test
