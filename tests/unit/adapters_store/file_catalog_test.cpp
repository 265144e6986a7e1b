// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/store/file_catalog.hpp"

#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/thread_conditions.hpp"
#include "unit/adapters_store/catalog_fixture.hpp"

namespace xlsnap::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

mode_t mode_of(const std::string &path) {
    struct stat status {};
    EXPECT_EQ(::lstat(path.c_str(), &status), 0) << path;
    return status.st_mode & 07777U;
}

TEST_F(FileCatalogTest, BelongsToItsOwnerAloneWhateverTheUmask) {
    lock_.reset();
    for (const mode_t mask : {mode_t{0}, mode_t{0777}}) {
        std::filesystem::remove_all(scratch_ / "catalog");
        const mode_t before = ::umask(mask);
        lock_ = std::move(*catalog_.lock(kSampleUuid));
        const Status added = catalog_.add(kSampleUuid, sample_record(1, "s1"));
        const Status written = catalog_.write_domain(sample_domain());
        ::umask(before);
        ASSERT_TRUE(added && written);
        EXPECT_EQ(mode_of(scratch_ / "catalog"), 0700U);
        EXPECT_EQ(mode_of(domain_path("")), 0700U);
        for (const char *file : {"snapshotdata-s1.xl", "domain.xl", "lock"})
            EXPECT_EQ(mode_of(domain_path(file)), 0600U) << file;
        lock_.reset();
    }
}

TEST_F(FileCatalogTest, APathIsMadeOfUuidsAndNamesThatFitAlone) {
    const SnapshotRecord record = sample_record(1, "../../x");
    for (const Status &status :
         {catalog_.add(kSampleUuid, record), catalog_.rename(kSampleUuid, "../a", "b"),
          catalog_.rename(kSampleUuid, "a", "../b")})
        EXPECT_EQ(status.error().code, ErrorCode::Invalid);
    EXPECT_EQ(catalog_.find(kSampleUuid, "").error().code, ErrorCode::Invalid);
    EXPECT_EQ(catalog_.remove(kSampleUuid, "../x").error().code, ErrorCode::Invalid);
    for (const char *uuid : {"..", "", "12345678-9ABC-4def-8123-456789abcdef", "/etc"}) {
        EXPECT_EQ(catalog_.read(uuid).error().code, ErrorCode::Invalid);
        EXPECT_EQ(catalog_.lock(uuid).error().code, ErrorCode::Invalid);
        EXPECT_EQ(catalog_.add(uuid, sample_record(1, "s1")).error().code, ErrorCode::Invalid);
        EXPECT_EQ(catalog_.copies(uuid, {}).error().code, ErrorCode::Invalid);
    }
    for (const char *root : {"", "relative", "/", "/tmp/.."})
        EXPECT_EQ(FileCatalog(root, log_).lock(kSampleUuid).error().code, ErrorCode::Invalid);
}

TEST_F(FileCatalogTest, IsReadInADirectoryOfItsOwnersAlone) {
    for (const std::string &path : {scratch_ / "catalog", domain_path("")}) {
        for (const mode_t mode : {mode_t{0770}, mode_t{0707}}) {
            ASSERT_EQ(::chmod(path.c_str(), mode), 0);
            const auto catalog = catalog_.read(kSampleUuid);
            ASSERT_FALSE(catalog);
            EXPECT_EQ(catalog.error().code, ErrorCode::Invalid);
            EXPECT_THAT(catalog.error().message, HasSubstr("is not this user's alone"));
            EXPECT_FALSE(catalog_.add(kSampleUuid, sample_record(1, "s1")));
        }
        ASSERT_EQ(::chmod(path.c_str(), 0755), 0);
    }
    EXPECT_TRUE(catalog_.read(kSampleUuid));
    ASSERT_EQ(::chown(domain_path("").c_str(), 65534, 65534), 0);
    EXPECT_EQ(catalog_.read(kSampleUuid).error().code, ErrorCode::Invalid);
}

TEST_F(FileCatalogTest, ALinkIsNoDirectoryOfTheCatalog) {
    lock_.reset();
    std::filesystem::create_directory(scratch_ / "elsewhere");
    std::filesystem::create_directory_symlink(scratch_ / "elsewhere", scratch_ / "link");
    FileCatalog linked(scratch_ / "link", log_);
    EXPECT_EQ(linked.read(kSampleUuid).error().code, ErrorCode::Invalid);
    EXPECT_EQ(linked.lock(kSampleUuid).error().code, ErrorCode::Invalid);
    std::filesystem::create_directory_symlink(scratch_ / "elsewhere",
                                              scratch_ / ("catalog/" + std::string(kSampleUuid)));
    EXPECT_EQ(catalog_.read(kSampleUuid).error().code, ErrorCode::Invalid);
    EXPECT_EQ(catalog_.lock(kSampleUuid).error().code, ErrorCode::Invalid);
    EXPECT_THAT(entries(scratch_ / "elsewhere"), IsEmpty());
}

TEST_F(FileCatalogTest, WhatIsNoRecordIsBrokenOrIgnored) {
    ASSERT_TRUE(catalog_.add(kSampleUuid, sample_record(1, "s1")));
    std::filesystem::create_symlink("snapshotdata-s1.xl", domain_path("snapshotdata-link.xl"));
    std::filesystem::create_directory(domain_path("snapshotdata-directory.xl"));
    ASSERT_EQ(::mkfifo(domain_path("snapshotdata-fifo.xl").c_str(), 0600), 0);
    put(domain_path("snapshotdata-huge.xl"), "");
    std::filesystem::resize_file(domain_path("snapshotdata-huge.xl"), std::uintmax_t{1} << 40U);
    put(domain_path("snapshotdata-empty.xl"), "");
    put(domain_path(".snapshotdata-s2.xl.0123456789abcdef.tmp"), "half");
    put(domain_path("README"), "");
    put(domain_path("snapshotdata-a b.xl"), "");
    const auto catalog = catalog_.read(kSampleUuid);
    ASSERT_TRUE(catalog) << catalog.error().message;
    EXPECT_THAT(names(), ElementsAre("s1"));
    std::vector<std::string> broken;
    for (const BrokenRecord &record : catalog->broken) {
        broken.push_back(record.name);
        EXPECT_EQ(record.path, domain_path("snapshotdata-" + record.name + ".xl"));
        EXPECT_THAT(record.reason.message, HasSubstr(record.path));
    }
    EXPECT_THAT(broken, ElementsAre("directory", "empty", "fifo", "huge", "link"));
    EXPECT_THAT(log_.warnings.at(0), HasSubstr("snapshotdata-a b.xl\" is ignored"));
}

TEST_F(FileCatalogTest, ARecordPlantedUnderANameThatATerminalWouldObeyIsIgnoredAndLogged) {
    ASSERT_TRUE(catalog_.add(kSampleUuid, sample_record(1, "s1")));
    std::filesystem::copy_file(domain_path("snapshotdata-s1.xl"),
                               domain_path("snapshotdata-%1B[2J.xl"));
    put(domain_path("snapshotdata-\x1b[2J.xl"), "");
    put(domain_path("snapshotdata-%1B%5B2J.xl"), "");
    const auto catalog = catalog_.read(kSampleUuid);
    ASSERT_TRUE(catalog) << catalog.error().message;
    EXPECT_THAT(names(), ElementsAre("s1"));
    EXPECT_THAT(catalog->broken, ::testing::IsEmpty());
    ASSERT_GE(log_.warnings.size(), 3U);
    for (const std::string &warning : log_.warnings)
        EXPECT_THAT(warning, ::testing::Not(HasSubstr("\x1b")));
}

TEST_F(FileCatalogTest, ANewerRecordIsBrokenAndNotToBeReplaced) {
    put(domain_path("snapshotdata-s1.xl"), R"({"xlsnap":2,"anything":[]})");
    const auto catalog = catalog_.read(kSampleUuid);
    ASSERT_EQ(catalog->broken.size(), 1U);
    EXPECT_EQ(catalog->broken[0].reason.code, ErrorCode::NotImplemented);
    EXPECT_THAT(catalog->broken[0].reason.message, HasSubstr("use a newer xlsnap"));
    EXPECT_EQ(catalog_.find(kSampleUuid, "s1").error().code, ErrorCode::Invalid);
    put(domain_path("domain.xl"), R"({"xlsnap":2,"anything":[]})");
    EXPECT_EQ(catalog_.read(kSampleUuid)->domain_fault.error().code, ErrorCode::NotImplemented);
}

TEST_F(FileCatalogTest, ACopiedRecordIsBroken) {
    ASSERT_TRUE(catalog_.add(kSampleUuid, sample_record(1, "s1")));
    std::filesystem::copy_file(domain_path("snapshotdata-s1.xl"), domain_path("snapshotdata-a.xl"));
    EXPECT_THAT(names(), ElementsAre("a"));
    const auto catalog = catalog_.read(kSampleUuid);
    ASSERT_EQ(catalog->broken.size(), 1U);
    EXPECT_EQ(catalog->broken[0].name, "s1");
    EXPECT_THAT(catalog->broken[0].reason.message, HasSubstr("copy of that of the snapshot 'a'"));
}

TEST_F(FileCatalogTest, ADomainRecordOfAnotherDomainIsBroken) {
    DomainRecord other = sample_domain();
    other.uuid = "00000000-0000-0000-0000-000000000001";
    const auto lock = catalog_.lock(other.uuid);
    ASSERT_TRUE(catalog_.write_domain(other));
    std::filesystem::copy_file(scratch_ / ("catalog/" + other.uuid + "/domain.xl"),
                               domain_path("domain.xl"));
    EXPECT_THAT(catalog_.read(kSampleUuid)->domain_fault.error().message,
                HasSubstr("that of the domain 00000000-0000-0000-0000-000000000001"));
}

TEST_F(FileCatalogTest, AFullDiskLeavesTheOldRecordAndSaysSo) {
    lock_.reset();
    with_small_file_system(scratch_.path().c_str(), std::size_t{128} << 10, [this] {
        lock_ = std::move(*catalog_.lock(kSampleUuid));
        ASSERT_TRUE(catalog_.add(kSampleUuid, sample_record(1, "s1")));
        const auto before = entries(domain_path(""));
        SnapshotRecord large = sample_record(1, "s1");
        large.config_json = std::string(std::size_t{256} << 10, 'x');
        EXPECT_THAT(catalog_.replace(kSampleUuid, large).error().message,
                    HasSubstr("No space left on device"));
        large.name = "s2";
        EXPECT_THAT(catalog_.add(kSampleUuid, large).error().message,
                    HasSubstr("No space left on device"));
        EXPECT_EQ(entries(domain_path("")), before);
        EXPECT_EQ(*catalog_.find(kSampleUuid, "s1"), sample_record(1, "s1"));
        lock_.reset();
    });
    lock_ = std::move(*catalog_.lock(kSampleUuid));
}

TEST_F(FileCatalogTest, ARecordThatCannotReachTheDiskIsNotAdded) {
    with_failing({SYS_fsync}, EIO, [this] {
        const Status added = catalog_.add(kSampleUuid, sample_record(1, "s1"));
        ASSERT_FALSE(added);
        EXPECT_THAT(added.error().message, HasSubstr("Input/output error"));
    });
    EXPECT_THAT(entries(domain_path("")), ElementsAre("lock"));
    ASSERT_TRUE(catalog_.add(kSampleUuid, sample_record(1, "s1")));
    with_failing({SYS_fsync}, EIO, [this] {
        SnapshotRecord changed = sample_record(1, "s1");
        changed.description = "changed";
        EXPECT_FALSE(catalog_.replace(kSampleUuid, changed));
    });
    EXPECT_EQ(*catalog_.find(kSampleUuid, "s1"), sample_record(1, "s1"));
}

TEST_F(FileCatalogTest, WhatACrashLeftGoesWithTheDomain) {
    put(domain_path(".snapshotdata-s1.xl.0123456789abcdef.tmp"), "half");
    put(domain_path(".domain.xl.0123456789abcdef.tmp"), "half");
    lock_.reset();
    EXPECT_FALSE(std::filesystem::exists(domain_path("")));
    lock_ = std::move(*catalog_.lock(kSampleUuid));
    put(domain_path(record_id(1) + ".save"), "memory");
    lock_.reset();
    EXPECT_THAT(entries(domain_path("")), ElementsAre(record_id(1) + ".save", "lock"));
}

} // namespace
} // namespace xlsnap::test
