// SPDX-License-Identifier: LGPL-2.1-only
// Memory images at a place of the user's choice, and compressed ones.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/catalogued_host.hpp"

namespace xlsnap::test {

namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr const char *kFile = "/backup/g1.memory";

// As `import-xml` would read it of a snapshot with memory in this file.
SnapshotXml xml_of(const std::string &name, const std::string &file) {
    SnapshotXml xml;
    xml.name = name;
    xml.state = XmlState::Running;
    xml.creation_time = 5;
    xml.memory = XmlMemory::External;
    xml.memory_path = file;
    for (const char *vdev : {"xvda", "xvdb"})
        xml.disks.push_back({0, vdev, DiskSnapshotKind::None, {}, DiskFormat::Unknown});
    return xml;
}

// The snapshot is refused before the domain is touched.
void expect_refused(CataloguedHost &host, const CreateWish &wish, const std::string &reason) {
    host.toolstack.calls.clear();
    for (const bool dry_run : {true, false}) {
        CreateWish tried = wish;
        tried.dry_run = dry_run;
        const auto refused = host.catalogued.create(host.subject(), tried);
        ASSERT_FALSE(refused) << reason;
        EXPECT_EQ(refused.error().code, ErrorCode::Invalid);
        EXPECT_THAT(refused.error().message, HasSubstr(reason));
    }
    EXPECT_THAT(host.toolstack.calls, Not(Contains(HasSubstr("suspend"))));
}

TEST(MemoryFile, IsMadeVerifiedRevertedToAndDeletedWhereTheUserWantsIt) {
    CataloguedHost host;
    const SnapshotRecord made = host.create("a", {.memory_path = kFile});
    ASSERT_TRUE(made.memory);
    EXPECT_EQ(made.memory->path, kFile);
    EXPECT_EQ(host.memory_store.images.count(kFile), 1U);
    EXPECT_EQ(host.memory_store.images.size(), 1U);
    EXPECT_TRUE(host.catalogued.verify(host.subject(), "a"));
    EXPECT_TRUE(host.catalogued.usage(host.subject(), {"a"}).at(0));
    host.revert("a");
    host.power_off();
    const auto started = host.catalogued.start(host.subject(), "a", {});
    EXPECT_TRUE(started) << started.error().message;
    host.remove("a");
    EXPECT_THAT(host.memory_store.images, IsEmpty());
}

TEST(MemoryFile, ThatExistsIsRefused) {
    CataloguedHost host;
    host.memory_store.other_files.insert(kFile);
    expect_refused(host, {.memory_path = kFile}, "the file exists");
    EXPECT_THAT(host.memory_store.other_files, ElementsAre(kFile));
}

TEST(MemoryFile, OfTwoSnapshotsIsRefusedThoughTheFileIsGone) {
    CataloguedHost host;
    host.create("a", {.memory_path = kFile});
    host.memory_store.images.clear();
    expect_refused(host, {.memory_path = kFile}, "memory image of snapshot 'a' of domain g1");
}

TEST(MemoryFile, OfAnotherDomainsSnapshotIsRefused) {
    CataloguedHost host;
    constexpr const char *other = "0c8f9d2e-6f0a-4d1a-9b53-1d6e3c1f9aff";
    SnapshotRecord record = host.create("a", {.memory_path = kFile});
    host.remove("a");
    record.domain_name = "g2";
    host.catalog.contents[other].record = DomainRecord{other, "g2", {}, {}, {}};
    host.catalog.contents[other].snapshots["a"] = record;
    expect_refused(host, {.memory_path = kFile}, "memory image of snapshot 'a' of domain g2");
    host.memory_store.images[kFile] = {{}, "stream"};
    const auto imported = host.catalogued.import(host.subject(), xml_of("b", kFile), false);
    ASSERT_FALSE(imported);
    EXPECT_THAT(imported.error().message, HasSubstr("memory image of snapshot 'a' of domain g2"));
}

TEST(MemoryFile, NeedsAPathThatNothingElseMeans) {
    CataloguedHost host;
    expect_refused(host, {.memory_path = "g1.memory"}, "not absolute");
    expect_refused(host, {.memory_path = "/backup/../g1.memory"}, "write '/g1.memory'");
    const std::string own = host.catalog.memory_path(CataloguedHost::kKey, "1");
    expect_refused(host, {.memory_path = own}, "lies in the catalog");
}

TEST(MemoryFile, OfASnapshotWithoutMemoryIsRefused) {
    CataloguedHost host;
    expect_refused(host, {.disk_only = true, .memory_path = kFile}, "of disks alone");
}

TEST(MemoryFile, IsRemovedWithTheRestWhenTheRecordCannotBeWritten) {
    CataloguedHost host;
    host.catalog.fail_next("add", {ErrorCode::Fail, "the disk is full"});
    ASSERT_FALSE(host.catalogued.create(host.subject(), {.memory_path = kFile}));
    EXPECT_THAT(host.leftovers(), IsEmpty());
}

TEST(Compression, IsOfTheFinishedImageWhenTheGuestGoesOn) {
    CataloguedHost host;
    bool ran = false;
    host.memory_store.before = [&](const std::string &method) {
        if (method == "compress")
            ran = host.g1().domain.state == RunState::Running && !host.g1().paused &&
                  host.memory_store.images.count(kFile) == 1 && host.names().empty();
        return Status();
    };
    const SnapshotRecord made =
        host.create("a", {.memory_path = kFile, .compression = MemoryCompression::Zstd});
    EXPECT_TRUE(ran);
    ASSERT_TRUE(made.memory);
    EXPECT_EQ(made.memory->compression, MemoryCompression::Zstd);
    EXPECT_EQ(host.memory_store.fingerprint(kFile)->sha256, made.memory->sha256);
    EXPECT_EQ(host.memory_store.fingerprint(kFile)->bytes, made.memory->bytes);
    EXPECT_TRUE(host.catalogued.verify(host.subject(), "a"));
    host.revert("a");
    host.remove("a");
    EXPECT_THAT(host.memory_store.images, IsEmpty());
}

TEST(Compression, ThatFailsLeavesAGoodSnapshotAndAWarning) {
    CataloguedHost host;
    host.memory_store.fail_next("compress", {ErrorCode::Fail, "the disk is full"});
    const SnapshotRecord made = host.create("a", {.compression = MemoryCompression::Zstd});
    ASSERT_TRUE(made.memory);
    EXPECT_EQ(made.memory->compression, MemoryCompression::None);
    EXPECT_THAT(host.log.warnings, ElementsAre(AllOf(HasSubstr("'a' stays uncompressed"),
                                                     HasSubstr("the disk is full"))));
    host.revert("a");
}

TEST(Compression, IsNotDoneUnlessAskedFor) {
    CataloguedHost host;
    EXPECT_EQ(host.create("a").memory->compression, MemoryCompression::None);
    host.create("b", {.disk_only = true, .compression = MemoryCompression::Zstd});
    EXPECT_THAT(host.memory_store.calls, Each(Not(HasSubstr("compress"))));
}

TEST(Compression, IsThatOfTheSnapshotWhoseRevertKeepsThePresent) {
    CataloguedHost host;
    host.create("a", {.compression = MemoryCompression::Zstd});
    host.revert("a", {.keep_current = true});
    const std::string kept =
        host.names().front() == "a" ? host.names().back() : host.names().front();
    EXPECT_EQ(host.record(kept).memory->compression, MemoryCompression::Zstd);
}

TEST(Compression, IsToldByADryRun) {
    CataloguedHost host;
    const auto told = host.catalogued.create(
        host.subject(), {.compression = MemoryCompression::Zstd, .dry_run = true});
    ASSERT_TRUE(told) << told.error().message;
    EXPECT_THAT(told->plan, Contains(HasSubstr("compress the memory image by zstd")));
}

TEST(MemoryFile, OfAnImportHasOneSpelling) {
    CataloguedHost host;
    host.create("a", {.memory_path = kFile});
    const std::string longer = "/." + std::string(kFile);
    host.memory_store.images[longer] = host.memory_store.images.at(kFile);
    const auto refused = host.catalogued.import(host.subject(), xml_of("b", longer), false);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("write '" + std::string(kFile)));
}

TEST(MemoryFile, IsNotRefusedForADomainThatCannotBeRead) {
    CataloguedHost host;
    constexpr const char *other = "0c8f9d2e-6f0a-4d1a-9b53-1d6e3c1f9aff";
    host.catalog.contents[other].record = DomainRecord{other, "g2", {}, {}, {}};
    host.create("first");
    int reads = 0;
    host.catalog.before = [&reads](const std::string &method) -> Status {
        if (method != "read" || ++reads < 2)
            return {};
        return fail(ErrorCode::Invalid, "the directory is somebody else's");
    };
    const auto created = host.catalogued.create(host.subject(), {.memory_path = kFile});
    EXPECT_TRUE(created) << created.error().message;
    EXPECT_GE(reads, 2);
}

TEST(ImportedRecord, DoesNotStayWhenTheDomainsOwnCannotBeWritten) {
    CataloguedHost host;
    host.memory_store.images[kFile] = {{}, "stream"};
    host.catalog.fail_next("write_domain", {ErrorCode::Fail, "the disk is full"});
    EXPECT_FALSE(host.catalogued.import(host.subject(), xml_of("a", kFile), false));
    EXPECT_THAT(host.names(), IsEmpty());
}

TEST(Compression, OfAnImportedImageIsWhatTheFileTells) {
    CataloguedHost host;
    host.memory_store.images[kFile] = {{}, "stream", true, MemoryCompression::Zstd};
    SnapshotXml xml = xml_of("a", kFile);
    xml.compression = MemoryCompression::None;
    const auto imported = host.catalogued.import(host.subject(), xml, false);
    ASSERT_TRUE(imported) << imported.error().message;
    EXPECT_EQ(host.record("a").memory->compression, MemoryCompression::Zstd);
}

TEST(Compression, AndAFileAreWhatTheXmlOfANewSnapshotMaySay) {
    CataloguedHost host;
    SnapshotXml xml;
    xml.memory = XmlMemory::External;
    xml.memory_path = kFile;
    xml.compression = MemoryCompression::Zstd;
    const auto fitted = host.catalogued.fit_to_domain(host.subject(), xml);
    ASSERT_TRUE(fitted) << fitted.error().message;
    EXPECT_EQ(fitted->memory_path, kFile);
    EXPECT_EQ(fitted->compression, MemoryCompression::Zstd);
}

} // namespace

} // namespace xlsnap::test
