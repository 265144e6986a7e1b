// SPDX-License-Identifier: LGPL-2.1-only
#include <sys/syscall.h>

#include <cerrno>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/thread_conditions.hpp"
#include "unit/adapters_store/catalog_fixture.hpp"

namespace xlsnap::test {
namespace {

class CurrentSnapshotTest : public FileCatalogTest {
  protected:
    void SetUp() override {
        FileCatalogTest::SetUp();
        ASSERT_TRUE(catalog_.add(kSampleUuid, sample_record(1, "s1")));
        DomainRecord domain = sample_domain();
        domain.current_id = record_id(1);
        domain.current_name = "s1";
        ASSERT_TRUE(catalog_.write_domain(domain));
        // Whoever lists the directory is told of it.
        put(domain_path("snapshotdata-a b.xl"), "");
    }

    CurrentSnapshot current() {
        auto current = catalog_.read_current(kSampleUuid);
        EXPECT_TRUE(current) << current.error().message;
        return current.value_or(CurrentSnapshot());
    }
};

TEST_F(CurrentSnapshotTest, IsFoundByItsNameWithoutALookAtTheOthers) {
    EXPECT_EQ(current().record, sample_record(1, "s1"));
    ASSERT_TRUE(catalog_.rename(kSampleUuid, "s1", "s2"));
    EXPECT_EQ(current().record, sample_record(1, "s2"));
    EXPECT_THAT(log_.warnings, ::testing::IsEmpty());
}

TEST_F(CurrentSnapshotTest, IsRenamedThoughTheDomainsRecordCannotFollow) {
    with_failing({SYS_renameat}, EIO,
                 [this] { EXPECT_TRUE(catalog_.rename(kSampleUuid, "s1", "s2")); });
    EXPECT_EQ(current().domain.current_name, "s1");
    EXPECT_EQ(current().record, sample_record(1, "s2"));
    EXPECT_THAT(
        entries(domain_path("")),
        ::testing::ElementsAre("domain.xl", "lock", "snapshotdata-a b.xl", "snapshotdata-s2.xl"));
}

TEST_F(CurrentSnapshotTest, HasAUuidForAKey) {
    EXPECT_EQ(catalog_.read_current("..").error().code, ErrorCode::Invalid);
}

} // namespace
} // namespace xlsnap::test
