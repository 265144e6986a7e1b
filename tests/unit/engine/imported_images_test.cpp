// SPDX-License-Identifier: LGPL-2.1-only
// What keeps images from being written whose records come from somewhere else than a create.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/external_host.hpp"
#include "engine/overlaid_host.hpp"

namespace xlsnap::test {

namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr const char *kImported = FakeHost::kDiskA;

// As `import-xml` would read it of what dumpxml has printed.
SnapshotXml xml_of_external(const SnapshotRecord &record) {
    SnapshotXml xml;
    xml.name = record.name;
    xml.state = XmlState::DiskSnapshot;
    xml.memory = XmlMemory::None;
    xml.creation_time = record.creation_time;
    xml.domain = XmlDomain{record.domain_uuid, record.domain_name, {}};
    for (const DiskRecord &disk : record.disks) {
        Disk then;
        then.vdev = disk.vdev;
        then.path = disk.path;
        then.format = disk.format;
        then.writable = true;
        xml.domain->disks.push_back({then, disk.kind});
        xml.disks.push_back({0, disk.vdev, disk.kind, disk.overlay, disk.overlay_format});
    }
    return xml;
}

void import(ExternalHost &host, const SnapshotXml &xml) {
    const auto imported = host.catalogued.import(host.subject(), xml, false);
    ASSERT_TRUE(imported) << imported.error().message;
}

struct ImportHost : ExternalHost {
    ImportHost() {
        write("1");
        snapshot("a");
        write("22");
    }
    // As in a catalog that is lost, of images that nothing protects.
    void forget_all() {
        catalog.contents.clear();
        kept_images.kept.clear();
    }
};

TEST(ImportedImage, IsKeptFromBeingWrittenLikeACreatedOne) {
    ImportHost host;
    const SnapshotXml xml = xml_of_external(host.record("a"));
    host.forget_all();
    ASSERT_TRUE(host.catalogued.import(host.subject(), xml, true));
    EXPECT_THAT(host.kept_images.kept, IsEmpty()) << "a dry run changes nothing";
    import(host, xml);
    EXPECT_THAT(host.kept_images.kept, ElementsAre(kImported));
    EXPECT_TRUE(find_image(host.domain(), kImported)->kept);
    EXPECT_THAT(host.wrong("22"), IsEmpty());
}

TEST(ImportedImage, IsToldWhereItCannotBeKept) {
    ImportHost host;
    const SnapshotXml xml = xml_of_external(host.record("a"));
    host.forget_all();
    host.kept_images.unsupported = {kImported};
    import(host, xml);
    EXPECT_THAT(host.log.warnings,
                Contains(AllOf(HasSubstr(kImported), HasSubstr("cannot be made immutable"))));
}

TEST(ImportedImage, ThatCouldNotBeKeptIsToldAndIsSoByTheSameImport) {
    ImportHost host;
    const SnapshotXml xml = xml_of_external(host.record("a"));
    host.forget_all();
    host.kept_images.fail_next("keep", {ErrorCode::Fail, "Input/output error"});
    const auto failed = host.catalogued.import(host.subject(), xml, false);
    ASSERT_FALSE(failed);
    EXPECT_THAT(failed.error().message,
                AllOf(HasSubstr("the record is written"), HasSubstr("Input/output error")));
    import(host, xml);
    EXPECT_THAT(host.kept_images.kept, ElementsAre(kImported));
}

TEST(ImportedImage, ThatWasPinnedIsItsSnapshotsAgain) {
    ImportHost host;
    host.snapshot("b");
    host.write("333");
    const SnapshotXml xml = xml_of_external(host.record("b"));
    host.remove("b", {.metadata_only = true});
    const std::string path = host.domain().images[1].path;
    ASSERT_TRUE(find_image(host.domain(), path)->pinned);
    import(host, xml);
    EXPECT_FALSE(find_image(host.domain(), path)->pinned);
    EXPECT_THAT(host.kept_images.kept, Contains(path));
    host.remove("b");
    host.remove("a");
    EXPECT_THAT(host.wrong("333"), IsEmpty());
    EXPECT_EQ(host.depth(), 1);
    EXPECT_THAT(host.files(), UnorderedElementsAre(host.active(), kImported))
        << "what xlsnap made goes with its snapshot";
}

TEST(ImportedImage, OfAReplacedRecordIsPinnedThatTheNewOneDoesNotMean) {
    ImportHost host;
    SnapshotXml xml = xml_of_external(host.record("a"));
    xml.disks.front() = {0, "xvda", DiskSnapshotKind::None, {}, DiskFormat::Unknown};
    xml.domain->disks.front().kind = DiskSnapshotKind::None;
    import(host, xml);
    EXPECT_TRUE(find_image(host.domain(), kImported)->pinned);
    EXPECT_THAT(host.kept_images.kept, ElementsAre(kImported));
    host.remove("a");
    EXPECT_EQ(host.images.read(kImported), "1");
    EXPECT_EQ(host.depth(), 2);
}

TEST(RebuiltImage, IsKeptFromBeingWrittenLikeACreatedOne) {
    OverlaidHost host;
    host.create("a", external_wish());
    host.guest_writes("later");
    host.catalog.contents.clear();
    host.kept_images.kept.clear();
    ASSERT_TRUE(host.catalogued.rebuild(host.subject(), true));
    EXPECT_THAT(host.kept_images.kept, IsEmpty()) << "a dry run changes nothing";
    ASSERT_TRUE(host.catalogued.rebuild(host.subject(), false));
    EXPECT_THAT(host.kept_images.kept, UnorderedElementsAre(FakeHost::kDiskA, FakeHost::kDiskB));
    EXPECT_THAT(host.wrong_with("later"), IsEmpty());
}

TEST(RebuiltImage, IsToldWhereItCannotBeKept) {
    OverlaidHost host;
    host.create("a", external_wish());
    host.catalog.contents.clear();
    host.kept_images.kept.clear();
    host.kept_images.unsupported = {FakeHost::kDiskA};
    ASSERT_TRUE(host.catalogued.rebuild(host.subject(), false));
    EXPECT_THAT(host.kept_images.kept, ElementsAre(FakeHost::kDiskB));
    EXPECT_THAT(host.log.warnings,
                Contains(AllOf(HasSubstr(kImported), HasSubstr("cannot be made immutable"))));
}

// Their copy lies there still.
TEST(RebuiltImage, ThatWasPinnedIsItsSnapshotsAgain) {
    OverlaidHost host;
    host.create("a", external_wish());
    host.guest_writes("later");
    const auto copies = host.catalog.kept_copies;
    host.remove("a", {.metadata_only = true});
    ASSERT_TRUE(find_image(host.domain_record(), FakeHost::kDiskA)->pinned);
    host.catalog.kept_copies = copies;
    ASSERT_TRUE(host.catalogued.rebuild(host.subject(), false));
    EXPECT_FALSE(find_image(host.domain_record(), FakeHost::kDiskA)->pinned);
    host.remove("a");
    EXPECT_THAT(host.wrong_with("later"), IsEmpty());
    EXPECT_THAT(host.kept_images.kept, IsEmpty());
}

// As of records that an older xlsnap has imported.
TEST(RebuiltImage, IsListedThoughNoRecordWasMissing) {
    OverlaidHost host;
    host.create("a", external_wish());
    host.catalog.contents.at(CataloguedHost::kKey).record->images.clear();
    host.kept_images.kept.clear();
    ASSERT_TRUE(host.catalogued.rebuild(host.subject(), false));
    EXPECT_THAT(host.kept_images.kept, UnorderedElementsAre(FakeHost::kDiskA, FakeHost::kDiskB));
}

} // namespace

} // namespace xlsnap::test
