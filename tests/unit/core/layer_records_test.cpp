// SPDX-License-Identifier: LGPL-2.1-only
#include "core/layer_records.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace xlsnap {

namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr ImageMark kUpper{1, 10, 100, 1000};
constexpr ImageMark kLower{1, 20, 500, 2000};

DiskRecord disk_of(DiskSnapshotKind kind, const std::string &path, ImageMark mark = kUpper) {
    DiskRecord disk;
    disk.vdev = "xvda";
    disk.kind = kind;
    disk.path = path;
    disk.format = DiskFormat::Qcow2;
    disk.mark = mark;
    return disk;
}

std::vector<SnapshotRecord> with(DiskRecord disk) {
    SnapshotRecord record;
    record.disks = {std::move(disk)};
    return {record};
}

// The upper image was committed into a raw one.
ImageChange commit() {
    return {"/upper", "/lower", DiskFormat::Raw, kUpper, kLower};
}

TEST(LayerRecords, MeanTheImageThatHasTheContentNow) {
    for (const DiskSnapshotKind kind : {DiskSnapshotKind::External, DiskSnapshotKind::None}) {
        std::vector<SnapshotRecord> records = with(disk_of(kind, "/upper"));
        DomainRecord domain;
        follow(commit(), records, domain);
        EXPECT_EQ(records[0].disks[0].path, "/lower");
        EXPECT_EQ(records[0].disks[0].format, DiskFormat::Raw);
        EXPECT_EQ(records[0].disks[0].mark, kLower);
    }
}

TEST(LayerRecords, OfOtherImagesAndOfTagsStayAsTheyAre) {
    std::vector<SnapshotRecord> records = with(disk_of(DiskSnapshotKind::External, "/other"));
    records[0].disks.push_back(disk_of(DiskSnapshotKind::Internal, "/upper"));
    const std::vector<SnapshotRecord> before = records;
    DomainRecord domain;
    domain.active_layers = {{"xvda", "/other"}};
    domain.images = {{"/other", DiskFormat::Qcow2, kUpper}};
    const DomainRecord domain_before = domain;
    follow(commit(), records, domain);
    EXPECT_EQ(records, before);
    EXPECT_EQ(domain, domain_before);
}

TEST(LayerRecords, FollowAnOverlayThatIsMergedAway) {
    DiskRecord disk = disk_of(DiskSnapshotKind::External, "/base", kLower);
    disk.overlay = "/upper";
    disk.overlay_format = DiskFormat::Qcow2;
    std::vector<SnapshotRecord> records = with(disk);
    DomainRecord domain;
    follow(commit(), records, domain);
    EXPECT_EQ(records[0].disks[0].path, "/base");
    EXPECT_EQ(records[0].disks[0].mark, kLower);
    EXPECT_EQ(records[0].disks[0].overlay, "/lower");
    EXPECT_EQ(records[0].disks[0].overlay_format, DiskFormat::Raw);
}

TEST(LayerRecords, GoOnShowingThatSomebodyHadWrittenToAnImage) {
    const ImageMark then{1, 10, 90, 900};
    std::vector<SnapshotRecord> records = with(disk_of(DiskSnapshotKind::None, "/upper", then));
    DomainRecord domain;
    follow(commit(), records, domain);
    const ImageMark &mark = records[0].disks[0].mark;
    EXPECT_EQ(mark.inode, kLower.inode);
    EXPECT_EQ(mark.changed_ns, then.changed_ns);
    EXPECT_NE(mark, kLower);
}

TEST(LayerRecords, FollowThoughABootGaveTheDeviceAnotherNumber) {
    ImageMark then = kUpper;
    ++then.device;
    std::vector<SnapshotRecord> records = with(disk_of(DiskSnapshotKind::External, "/upper", then));
    DomainRecord domain;
    follow(commit(), records, domain);
    EXPECT_EQ(records[0].disks[0].mark, kLower);
}

TEST(LayerRecords, TellNothingOfAnImageWhileWeChangeIt) {
    std::vector<SnapshotRecord> records = with(disk_of(DiskSnapshotKind::External, "/upper"));
    DomainRecord domain;
    domain.images = {{"/upper", DiskFormat::Qcow2, kUpper}, {"/lower", DiskFormat::Raw, kUpper}};
    const std::vector<SnapshotRecord> before = records;
    const DomainRecord domain_before = domain;
    expect_change("/upper", kUpper, records, domain);
    EXPECT_EQ(records[0].disks[0].mark.changed_ns, std::nullopt);
    EXPECT_EQ(domain.images[0].mark.changed_ns, std::nullopt);
    EXPECT_EQ(domain.images[1], domain_before.images[1]);
    expect_no_change("/upper", kUpper, records, domain);
    EXPECT_EQ(records, before);
    EXPECT_EQ(domain, domain_before);
    expect_change("/upper", kUpper, records, domain);
    follow(commit(), records, domain);
    EXPECT_EQ(records[0].disks[0].mark, kLower);
}

TEST(LayerRecords, ShowThatSomebodyHasWrittenToAnImageWhateverWeChangeInIt) {
    const ImageMark then{1, 20, 90, 900};
    std::vector<SnapshotRecord> records = with(disk_of(DiskSnapshotKind::External, "/lower", then));
    DomainRecord domain;
    domain.images = {{"/lower", DiskFormat::Raw, then}};
    expect_change("/lower", kLower, records, domain);
    EXPECT_EQ(records[0].disks[0].mark, then);
    const ImageMark touched{1, 20, 500, 3000};
    follow({"/lower", "/lower", DiskFormat::Raw, kLower, touched}, records, domain);
    EXPECT_EQ(records[0].disks[0].mark, then);
    EXPECT_EQ(domain.images[0].mark, then);
    follow(commit(), records, domain);
    EXPECT_EQ(domain.images[0].mark, then);
}

TEST(LayerRecords, OfAnImageThatIsOnlyTouchedGetItsNewMark) {
    const ImageMark touched{1, 10, 100, 3000};
    std::vector<SnapshotRecord> records = with(disk_of(DiskSnapshotKind::External, "/upper"));
    DomainRecord domain;
    domain.images = {{"/upper", DiskFormat::Qcow2, kUpper}};
    follow({"/upper", "/upper", DiskFormat::Qcow2, kUpper, touched}, records, domain);
    EXPECT_EQ(records[0].disks[0].path, "/upper");
    EXPECT_EQ(records[0].disks[0].mark, touched);
    EXPECT_EQ(domain.images[0].mark, touched);
}

TEST(LayerRecords, OfTheDomainKeepBothImagesUntilOneIsRemoved) {
    DomainRecord domain;
    domain.active_layers = {{"xvda", "/upper"}, {"xvdb", "/b"}};
    domain.images = {{"/lower", DiskFormat::Raw, {}}, {"/upper", DiskFormat::Qcow2, kUpper, true}};
    std::vector<SnapshotRecord> records;
    follow(commit(), records, domain);
    EXPECT_THAT(domain.active_layers,
                ElementsAre(ActiveLayer{"xvda", "/lower"}, ActiveLayer{"xvdb", "/b"}));
    ASSERT_EQ(domain.images.size(), 2U);
    EXPECT_EQ(domain.images[0].mark, kLower);
    EXPECT_EQ(domain.images[1].mark, kUpper);
    forget_image("/upper", domain);
    ASSERT_EQ(domain.images.size(), 1U);
    EXPECT_EQ(domain.images[0].path, "/lower");
}

TEST(LayerRecords, ListADeadTagOnceAndTheImageWithIt) {
    DomainRecord domain;
    for (const char *tag : {"a", "b", "a"})
        add_dead_tag("/base", DiskFormat::Qcow2, kLower, tag, domain);
    ASSERT_EQ(domain.images.size(), 1U);
    EXPECT_FALSE(domain.images[0].made);
    EXPECT_EQ(domain.images[0].mark, kLower);
    EXPECT_THAT(domain.images[0].dead_tags, ElementsAre("a", "b"));
    forget_dead_tag("/base", "a", domain);
    forget_dead_tag("/base", "b", domain);
    forget_dead_tag("/other", "b", domain);
    EXPECT_THAT(domain.images[0].dead_tags, IsEmpty());
}

DomainImage pinned_image(const std::string &path) {
    return {.path = path, .format = DiskFormat::Qcow2, .mark = kUpper, .pinned = true};
}

TEST(PinnedImages, AreThoseOfExternalDisksAndListed) {
    SnapshotRecord record;
    record.disks = {disk_of(DiskSnapshotKind::External, "/listed"),
                    disk_of(DiskSnapshotKind::External, "/unknown"),
                    disk_of(DiskSnapshotKind::Internal, "/tagged"),
                    disk_of(DiskSnapshotKind::None, "/left")};
    DomainRecord domain;
    domain.images = {{"/listed", DiskFormat::Raw, kLower, true},
                     {"/tagged", DiskFormat::Qcow2, kUpper}};
    pin_images(record, domain);
    ASSERT_EQ(domain.images.size(), 3U);
    EXPECT_TRUE(domain.images[0].pinned);
    EXPECT_EQ(domain.images[0].mark, kLower);
    EXPECT_TRUE(domain.images[0].made);
    EXPECT_FALSE(is_to_be_removed(domain.images[0]));
    EXPECT_FALSE(domain.images[1].pinned);
    EXPECT_EQ(domain.images[2], pinned_image("/unknown"));
    domain.images = {domain.images[2]};
    EXPECT_TRUE(has_images_to_know(domain));
}

TEST(PinnedImages, OfARecordThatNobodyCanReadAreAllThatItMayMean) {
    DomainRecord domain;
    domain.active_layers = {{"xvda", "/active"}};
    domain.images = {{"/recorded", DiskFormat::Qcow2, kUpper},
                     {"/unknown", DiskFormat::Qcow2, kUpper},
                     {"/active", DiskFormat::Qcow2, kUpper}};
    pin_unrecorded_images(with(disk_of(DiskSnapshotKind::External, "/recorded")), domain);
    EXPECT_FALSE(domain.images[0].pinned);
    EXPECT_TRUE(domain.images[1].pinned);
    EXPECT_FALSE(domain.images[2].pinned);
}

TEST(PinnedImages, AreTheirSnapshotsAgainThatHasARecord) {
    DomainRecord domain;
    domain.images = {pinned_image("/a"), pinned_image("/b")};
    unpin_recorded_images(with(disk_of(DiskSnapshotKind::Internal, "/a")), domain);
    EXPECT_TRUE(domain.images[0].pinned) << "a tag is something else";
    unpin_recorded_images(with(disk_of(DiskSnapshotKind::External, "/a")), domain);
    EXPECT_FALSE(domain.images[0].pinned);
    EXPECT_TRUE(domain.images[1].pinned);
}

TEST(PinnedImages, AreTheUsersWhenNothingStandsOnThem) {
    const auto layer = [](const std::string &path, const std::string &backing) {
        ImageLayer made;
        made.path = path;
        made.backing = backing;
        return made;
    };
    const ImageLayers layers(
        {layer("/below", ""), layer("/above", "/below"), layer("/alone", ""), layer("/foreign", ""),
         layer("/active", "")},
        {{LayerUseKind::Active, "/active"}, {LayerUseKind::Foreign, "/foreign"}});
    DomainRecord domain;
    for (const char *path : {"/below", "/alone", "/foreign", "/active", "/vanished"})
        domain.images.push_back(pinned_image(path));
    domain.images.push_back({"/above", DiskFormat::Qcow2, kUpper});
    EXPECT_THAT(pinned_for_nobody(layers, domain), ElementsAre("/alone", "/vanished"));
}

} // namespace

} // namespace xlsnap
