// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ports/catalog.hpp"
#include "support/sample_records.hpp"

namespace xlsnap::test {

// A catalog, and what a test must do to it that Catalog cannot.
class CatalogHost {
  public:
    virtual ~CatalogHost() = default;

    virtual Catalog &catalog() = 0;

    // Whether anything of the domain is left.
    virtual bool holds_anything(const std::string &uuid) = 0;
    virtual void damage_snapshot(const std::string &uuid, const std::string &name) = 0;
    virtual void damage_domain(const std::string &uuid) = 0;
    // Takes everything of the domain away, the copies beside its images apart.
    virtual void lose(const std::string &uuid) = 0;
    // The path of an image in a directory of its own, which exists as far as the catalog looks.
    virtual std::string make_image(const std::string &directory) = 0;
};

using CatalogHostFactory = std::function<std::unique_ptr<CatalogHost>()>;

// What ports/catalog.hpp promises, tried through that interface alone.
class CatalogContract : public ::testing::TestWithParam<CatalogHostFactory> {
  protected:
    void SetUp() override {
        host_ = GetParam()();
        relock();
    }

    Catalog &catalog() { return host_->catalog(); }

    // Ends the lock, and takes it again.
    void relock() {
        lock_.reset();
        auto lock = catalog().lock(kSampleUuid);
        ASSERT_TRUE(lock) << lock.error().message;
        lock_ = std::move(*lock);
    }

    void add(const SnapshotRecord &record) {
        const Status status = catalog().add(kSampleUuid, record);
        ASSERT_TRUE(status) << status.error().message;
    }

    DomainCatalog read() {
        auto catalog = host_->catalog().read(kSampleUuid);
        EXPECT_TRUE(catalog) << catalog.error().message;
        return catalog.value_or(DomainCatalog());
    }

    CurrentSnapshot read_current() {
        auto current = catalog().read_current(kSampleUuid);
        EXPECT_TRUE(current) << current.error().message;
        return current.value_or(CurrentSnapshot());
    }

    // A domain whose current snapshot this is, as far as its record knows.
    static DomainRecord domain_at(const std::string &id, const std::string &name) {
        DomainRecord domain = sample_domain();
        domain.current_id = id;
        domain.current_name = name;
        return domain;
    }

    std::vector<std::string> names() {
        std::vector<std::string> names;
        for (const SnapshotRecord &record : read().snapshots)
            names.push_back(record.name);
        return names;
    }

    std::vector<SnapshotRecord> copies(const std::vector<std::string> &directories) {
        auto copies = catalog().copies(kSampleUuid, directories);
        EXPECT_TRUE(copies) << copies.error().message;
        return copies.value_or(std::vector<SnapshotRecord>());
    }

    // A record whose one disk is this image.
    static SnapshotRecord record_on(const std::string &image, std::uint64_t number,
                                    const std::string &name) {
        SnapshotRecord record = sample_record(number, name);
        record.disks[0].path = image;
        return record;
    }

    template <typename T>
    static void fails(const Result<T> &result, ErrorCode code, const std::string &word) {
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().code, code) << result.error().message;
        EXPECT_THAT(result.error().message, ::testing::HasSubstr(word));
    }

    static std::string directory_of(const std::string &image) {
        return image.substr(0, image.rfind('/'));
    }

    std::unique_ptr<CatalogHost> host_;
    std::unique_ptr<CatalogLock> lock_;
};

TEST_P(CatalogContract, OfAnUnknownDomainIsEmpty) {
    const auto catalog = host_->catalog().read("00000000-0000-0000-0000-000000000001");
    ASSERT_TRUE(catalog);
    EXPECT_EQ(catalog->domain.uuid, "00000000-0000-0000-0000-000000000001");
    EXPECT_EQ(catalog->domain.name, "");
    EXPECT_TRUE(catalog->snapshots.empty());
    EXPECT_TRUE(catalog->broken.empty());
}

TEST_P(CatalogContract, GivesRecordsBackAsTheyWere) {
    add(full_record());
    ASSERT_TRUE(catalog().write_domain(sample_domain()));
    const DomainCatalog found = read();
    EXPECT_THAT(found.snapshots, ::testing::ElementsAre(full_record()));
    EXPECT_EQ(found.domain, sample_domain());
    const auto one = catalog().find(kSampleUuid, full_record().name);
    ASSERT_TRUE(one) << one.error().message;
    EXPECT_EQ(*one, full_record());
}

TEST_P(CatalogContract, SortsSnapshotsByTimeThenByName) {
    SnapshotRecord late = sample_record(9, "a");
    SnapshotRecord early_b = sample_record(2, "b");
    SnapshotRecord early_c = sample_record(3, "c");
    early_c.creation_time = early_b.creation_time;
    for (const auto &record : {late, early_c, early_b})
        add(record);
    EXPECT_THAT(names(), ::testing::ElementsAre("b", "c", "a"));
}

TEST_P(CatalogContract, ANameIsTakenOnce) {
    add(sample_record(1, "s1"));
    fails(catalog().add(kSampleUuid, sample_record(2, "s1")), ErrorCode::Invalid, "s1");
    host_->damage_snapshot(kSampleUuid, "s1");
    fails(catalog().add(kSampleUuid, sample_record(2, "s1")), ErrorCode::Invalid, "s1");
}

TEST_P(CatalogContract, ReplacesTheRecordOfAName) {
    fails(catalog().replace(kSampleUuid, sample_record(1, "s1")), ErrorCode::NotFound, "s1");
    add(sample_record(1, "s1"));
    SnapshotRecord changed = sample_record(1, "s1");
    changed.description = "changed";
    ASSERT_TRUE(catalog().replace(kSampleUuid, changed));
    EXPECT_THAT(read().snapshots, ::testing::ElementsAre(changed));
    host_->damage_snapshot(kSampleUuid, "s1");
    ASSERT_TRUE(catalog().replace(kSampleUuid, changed));
    EXPECT_THAT(read().snapshots, ::testing::ElementsAre(changed));
}

TEST_P(CatalogContract, RenamesOntoAFreeName) {
    add(sample_record(1, "s1"));
    add(sample_record(2, "s2"));
    fails(catalog().rename(kSampleUuid, "s1", "s2"), ErrorCode::Invalid, "s2");
    fails(catalog().rename(kSampleUuid, "s3", "s4"), ErrorCode::NotFound, "s3");
    EXPECT_THAT(names(), ::testing::ElementsAre("s1", "s2"));
    ASSERT_TRUE(catalog().rename(kSampleUuid, "s1", "100% new"));
    EXPECT_THAT(read().snapshots,
                ::testing::ElementsAre(sample_record(1, "100% new"), sample_record(2, "s2")));
}

TEST_P(CatalogContract, TheCurrentSnapshotIsFoundByItsIdWhateverTheDomainsRecordCallsIt) {
    add(sample_record(1, "s1"));
    add(sample_record(2, "s2"));
    for (const char *known_as : {"s2", "s1", "gone", ""}) {
        const DomainRecord domain = domain_at(record_id(2), known_as);
        ASSERT_TRUE(catalog().write_domain(domain));
        const CurrentSnapshot current = read_current();
        EXPECT_EQ(current.domain, domain);
        EXPECT_EQ(current.record, sample_record(2, "s2")) << known_as;
        EXPECT_TRUE(current.domain_fault);
    }
}

TEST_P(CatalogContract, WithoutAUsableRecordNoSnapshotIsTheCurrentOne) {
    EXPECT_EQ(read_current().domain.uuid, kSampleUuid);
    EXPECT_FALSE(read_current().record);
    add(sample_record(1, "s1"));
    EXPECT_FALSE(read_current().record);
    ASSERT_TRUE(catalog().write_domain(domain_at("", "s1")));
    EXPECT_FALSE(read_current().record);
    ASSERT_TRUE(catalog().write_domain(domain_at(record_id(2), "s1")));
    EXPECT_FALSE(read_current().record);
    ASSERT_TRUE(catalog().write_domain(domain_at(record_id(1), "s1")));
    EXPECT_TRUE(read_current().record);
    host_->damage_snapshot(kSampleUuid, "s1");
    EXPECT_FALSE(read_current().record);
    EXPECT_EQ(read_current().domain.current_id, record_id(1));
    host_->damage_domain(kSampleUuid);
    fails(read_current().domain_fault, ErrorCode::Invalid, kSampleUuid);
    EXPECT_EQ(read_current().domain.uuid, kSampleUuid);
}

TEST_P(CatalogContract, TheDomainsRecordFollowsARenameOfTheCurrentSnapshotAlone) {
    add(sample_record(1, "s1"));
    add(sample_record(2, "s2"));
    ASSERT_TRUE(catalog().write_domain(domain_at(record_id(2), "s2")));
    ASSERT_TRUE(catalog().rename(kSampleUuid, "s1", "a"));
    EXPECT_EQ(read_current().domain, domain_at(record_id(2), "s2"));
    ASSERT_TRUE(catalog().rename(kSampleUuid, "s2", "b"));
    EXPECT_EQ(read_current().domain, domain_at(record_id(2), "b"));
    EXPECT_EQ(read_current().record, sample_record(2, "b"));
}

TEST_P(CatalogContract, RemovesRecordsBrokenOrNot) {
    add(sample_record(1, "s1"));
    add(sample_record(2, "s2"));
    host_->damage_snapshot(kSampleUuid, "s2");
    EXPECT_TRUE(*catalog().remove(kSampleUuid, "s1"));
    EXPECT_TRUE(*catalog().remove(kSampleUuid, "s2"));
    EXPECT_FALSE(*catalog().remove(kSampleUuid, "s1"));
    EXPECT_THAT(names(), ::testing::IsEmpty());
    EXPECT_TRUE(read().broken.empty());
}

TEST_P(CatalogContract, ABrokenRecordHidesNoOther) {
    for (unsigned i = 1; i <= 3; ++i)
        add(sample_record(i, "s" + std::to_string(i)));
    host_->damage_snapshot(kSampleUuid, "s2");
    EXPECT_THAT(names(), ::testing::ElementsAre("s1", "s3"));
    ASSERT_EQ(read().broken.size(), 1U);
    EXPECT_EQ(read().broken[0].name, "s2");
    EXPECT_EQ(read().broken[0].reason.code, ErrorCode::Invalid);
    fails(catalog().find(kSampleUuid, "s2"), ErrorCode::Invalid, "s2");
    fails(catalog().find(kSampleUuid, "s4"), ErrorCode::NotFound, "s4");
}

TEST_P(CatalogContract, ABrokenDomainRecordHidesNoSnapshotAndIsListedWithoutAName) {
    add(sample_record(1, "s1"));
    ASSERT_TRUE(catalog().write_domain(sample_domain()));
    host_->damage_domain(kSampleUuid);
    const DomainCatalog faulty = read();
    fails(faulty.domain_fault, ErrorCode::Invalid, kSampleUuid);
    EXPECT_EQ(faulty.domain.uuid, kSampleUuid);
    EXPECT_EQ(faulty.domain.name, "");
    EXPECT_EQ(faulty.snapshots.size(), 1U);
    const auto domains = catalog().domains();
    ASSERT_TRUE(domains);
    ASSERT_EQ(domains->size(), 1U);
    EXPECT_EQ(domains->at(0).uuid, kSampleUuid);
    EXPECT_EQ(domains->at(0).name, "");
    ASSERT_TRUE(catalog().write_domain(sample_domain()));
    EXPECT_EQ(read().domain, sample_domain());
}

TEST_P(CatalogContract, ListsDomainsThatHaveSomething) {
    EXPECT_TRUE(catalog().domains()->empty());
    add(sample_record(1, "s1"));
    ASSERT_EQ(catalog().domains()->size(), 1U);
    EXPECT_EQ(catalog().domains()->at(0).name, "");
    ASSERT_TRUE(catalog().write_domain(sample_domain()));
    DomainRecord other = sample_domain();
    other.uuid = "00000000-9abc-4def-8123-456789abcdef";
    const auto lock = catalog().lock(other.uuid);
    ASSERT_TRUE(catalog().write_domain(other));
    EXPECT_THAT(*catalog().domains(), ::testing::ElementsAre(other, sample_domain()));
}

TEST_P(CatalogContract, NothingIsLeftOfAForgottenDomain) {
    add(sample_record(1, "s1"));
    ASSERT_TRUE(catalog().write_domain(sample_domain()));
    EXPECT_TRUE(*catalog().remove(kSampleUuid, "s1"));
    ASSERT_TRUE(catalog().forget(kSampleUuid));
    ASSERT_TRUE(catalog().forget(kSampleUuid));
    EXPECT_TRUE(catalog().domains()->empty());
    lock_.reset();
    EXPECT_FALSE(host_->holds_anything(kSampleUuid));
}

TEST_P(CatalogContract, ALockAloneLeavesNothing) {
    lock_.reset();
    EXPECT_FALSE(host_->holds_anything(kSampleUuid));
}

TEST_P(CatalogContract, OneHasTheLockAtATime) {
    const auto second = catalog().lock(kSampleUuid);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::LockFail);
    relock();
}

TEST_P(CatalogContract, ReadingNeedsNoLock) {
    add(sample_record(1, "s1"));
    EXPECT_THAT(names(), ::testing::ElementsAre("s1"));
    lock_.reset();
    EXPECT_THAT(names(), ::testing::ElementsAre("s1"));
}

TEST_P(CatalogContract, CopiesOutliveTheCatalog) {
    const std::string image = host_->make_image("images");
    const SnapshotRecord first = record_on(image, 1, "s1");
    SnapshotRecord second = record_on(image, 2, "s2");
    add(second);
    add(first);
    second.description = "changed";
    ASSERT_TRUE(catalog().replace(kSampleUuid, second));
    ASSERT_TRUE(catalog().rename(kSampleUuid, "s2", "new"));
    second.name = "new";
    lock_.reset();
    host_->lose(kSampleUuid);
    EXPECT_TRUE(read().snapshots.empty());
    EXPECT_THAT(copies({directory_of(image), "/nowhere"}), ::testing::ElementsAre(first, second));
    EXPECT_THAT(copies({"/nowhere"}), ::testing::IsEmpty());
    const auto domains = catalog().copied_domains({directory_of(image), "/nowhere"});
    ASSERT_TRUE(domains) << domains.error().message;
    EXPECT_THAT(*domains, ::testing::ElementsAre(kSampleUuid));
}

TEST_P(CatalogContract, ARemovedSnapshotHasNoCopies) {
    const std::string image = host_->make_image("images");
    add(record_on(image, 1, "s1"));
    add(record_on(image, 2, "s2"));
    ASSERT_TRUE(*catalog().remove(kSampleUuid, "s1"));
    EXPECT_THAT(copies({directory_of(image)}), ::testing::ElementsAre(record_on(image, 2, "s2")));
    ASSERT_TRUE(*catalog().remove(kSampleUuid, "s2"));
    EXPECT_THAT(copies({directory_of(image)}), ::testing::IsEmpty());
}

TEST_P(CatalogContract, CopiesFollowASnapshotToOtherImages) {
    const std::string before = host_->make_image("before");
    const std::string after = host_->make_image("after");
    add(record_on(before, 1, "s1"));
    ASSERT_TRUE(catalog().replace(kSampleUuid, record_on(after, 1, "s1")));
    EXPECT_THAT(copies({directory_of(before)}), ::testing::IsEmpty());
    EXPECT_THAT(copies({directory_of(before), directory_of(after)}),
                ::testing::ElementsAre(record_on(after, 1, "s1")));
}

TEST_P(CatalogContract, MemoryImagesLieWithTheirDomain) {
    const std::string path = catalog().memory_path(kSampleUuid, record_id(1));
    EXPECT_THAT(path, ::testing::MatchesRegex(".*/12345678-9abc-4def-8123-456789abcdef/.*" +
                                              record_id(1) + ".*"));
    EXPECT_NE(path, catalog().memory_path(kSampleUuid, record_id(2)));
}

} // namespace xlsnap::test
