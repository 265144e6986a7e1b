// SPDX-License-Identifier: LGPL-2.1-only
#include <sys/stat.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/thread_conditions.hpp"
#include "unit/adapters_store/catalog_fixture.hpp"

namespace xlsnap::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A domain whose first image is the file images/xvda.
class RecordCopiesTest : public FileCatalogTest {
  protected:
    void SetUp() override {
        FileCatalogTest::SetUp();
        put(image_, "");
    }

    SnapshotRecord on_image(std::uint64_t number, const std::string &name) {
        SnapshotRecord record = sample_record(number, name);
        record.disks[0].path = image_;
        return record;
    }

    [[nodiscard]] std::string copies_path(const std::string &name = {}) const {
        return scratch_ / ("images/.xlsnap/" + std::string(kSampleUuid) + "/" + name);
    }

    std::string image_ = scratch_ / "images/xvda";
};

TEST_F(RecordCopiesTest, AreTheRecordsFilesForTheirOwnerAlone) {
    ASSERT_TRUE(catalog_.add(kSampleUuid, on_image(1, "s 1")));
    EXPECT_EQ(content(copies_path("snapshotdata-s%201.xl")),
              content(domain_path("snapshotdata-s%201.xl")));
    for (const std::string &path : {scratch_ / "images/.xlsnap", copies_path()})
        EXPECT_EQ(std::filesystem::status(path).permissions(), std::filesystem::perms::owner_all);
    EXPECT_EQ(std::filesystem::status(copies_path("snapshotdata-s%201.xl")).permissions(),
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    EXPECT_THAT(log_.warnings, IsEmpty());
}

TEST_F(RecordCopiesTest, GoWithTheRecordAndTheirDirectoriesWithTheLast) {
    ASSERT_TRUE(catalog_.add(kSampleUuid, on_image(1, "s1")));
    ASSERT_TRUE(catalog_.add(kSampleUuid, on_image(2, "s2")));
    put(copies_path(".snapshotdata-s3.xl.0123456789abcdef.tmp"), "left by a crash");
    ASSERT_TRUE(catalog_.rename(kSampleUuid, "s1", "new"));
    ASSERT_TRUE(*catalog_.remove(kSampleUuid, "s2"));
    EXPECT_THAT(entries(copies_path()),
                ElementsAre(".snapshotdata-s3.xl.0123456789abcdef.tmp", "snapshotdata-new.xl"));
    ASSERT_TRUE(*catalog_.remove(kSampleUuid, "new"));
    EXPECT_THAT(entries(scratch_ / "images"), ElementsAre("xvda"));
}

TEST_F(RecordCopiesTest, OfABrokenRecordGoByTheDomainsImages) {
    ASSERT_TRUE(catalog_.add(kSampleUuid, on_image(1, "s1")));
    DomainRecord domain = sample_domain();
    domain.active_layers = {{"xvda", image_}};
    ASSERT_TRUE(catalog_.write_domain(domain));
    std::filesystem::resize_file(domain_path("snapshotdata-s1.xl"), 10);
    ASSERT_TRUE(*catalog_.remove(kSampleUuid, "s1"));
    EXPECT_THAT(entries(scratch_ / "images"), ElementsAre("xvda"));
}

TEST_F(RecordCopiesTest, AreNotKeptBesideDevicesAndMissingImages) {
    SnapshotRecord record = on_image(1, "s1");
    record.disks[0].path = "/dev/null";
    ASSERT_TRUE(catalog_.add(kSampleUuid, record));
    EXPECT_FALSE(std::filesystem::exists("/dev/.xlsnap"));
    record = on_image(2, "s2");
    record.disks[0].path = scratch_ / "images/none";
    ASSERT_TRUE(catalog_.add(kSampleUuid, record));
    EXPECT_THAT(entries(scratch_ / "images"), ElementsAre("xvda"));
    EXPECT_THAT(log_.warnings, IsEmpty());
}

TEST_F(RecordCopiesTest, ThatCannotBeKeptAreToldToTheLogAndFailNothing) {
    std::filesystem::create_directory_symlink(scratch_.path(), scratch_ / "images/.xlsnap");
    ASSERT_TRUE(catalog_.add(kSampleUuid, on_image(1, "s1")));
    ASSERT_EQ(log_.warnings.size(), 1U);
    EXPECT_THAT(log_.warnings[0], HasSubstr("no copy of the record of the snapshot 's1' lies in"));
    ASSERT_TRUE(*catalog_.remove(kSampleUuid, "s1"));
    ASSERT_EQ(log_.warnings.size(), 2U);
    EXPECT_THAT(log_.warnings[1], HasSubstr("may be left in"));
    EXPECT_THAT(*catalog_.copies(kSampleUuid, {scratch_ / "images"}), IsEmpty());
    ASSERT_EQ(log_.warnings.size(), 3U);
    EXPECT_THAT(log_.warnings[2], HasSubstr("are not used"));
}

TEST_F(RecordCopiesTest, OfOneSnapshotTheLatestCountsAndBrokenOnesDoNot) {
    SnapshotRecord record = on_image(1, "old");
    ASSERT_TRUE(catalog_.add(kSampleUuid, record));
    const std::string other = scratch_ / ("other/.xlsnap/" + std::string(kSampleUuid));
    std::filesystem::create_directories(other);
    for (const std::string &path : {scratch_ / "other/.xlsnap", other})
        std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    const std::string copy = other + "/snapshotdata-copied.xl";
    std::filesystem::copy_file(copies_path("snapshotdata-old.xl"), copy);
    put(other + "/snapshotdata-broken.xl", "x");
    const auto written = std::filesystem::last_write_time(copies_path("snapshotdata-old.xl"));
    for (const int seconds : {-1, 1}) {
        std::filesystem::last_write_time(copy, written + std::chrono::seconds(seconds));
        for (const auto &directories : {std::vector{scratch_ / "images", scratch_ / "other"},
                                        std::vector{scratch_ / "other", scratch_ / "images"}}) {
            const auto copies = catalog_.copies(kSampleUuid, directories);
            ASSERT_EQ(copies->size(), 1U);
            EXPECT_EQ(copies->at(0).name, seconds < 0 ? "old" : "copied");
        }
    }
    EXPECT_THAT(log_.warnings.at(0), HasSubstr("a copy is not used"));
}

} // namespace
} // namespace xlsnap::test
