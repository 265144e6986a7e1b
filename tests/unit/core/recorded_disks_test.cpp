// SPDX-License-Identifier: LGPL-2.1-only
#include <gtest/gtest.h>

#include "core/recorded_disks.hpp"

namespace xlsnap {

namespace {

SnapshotRecord record_with(DiskRecord disk) {
    SnapshotRecord record;
    record.disks.push_back(std::move(disk));
    return record;
}

DiskRecord internal_disk(const std::string &path, DiskFormat format) {
    DiskRecord disk;
    disk.vdev = "xvda";
    disk.kind = DiskSnapshotKind::Internal;
    disk.path = path;
    disk.format = format;
    return disk;
}

DiskRecord external_disk(const std::string &path, const std::string &overlay) {
    DiskRecord disk = internal_disk(path, DiskFormat::Raw);
    disk.kind = DiskSnapshotKind::External;
    disk.overlay = overlay;
    disk.overlay_format = DiskFormat::Qcow2;
    return disk;
}

DiskRecord only_disk(const DomainRecord &domain, const std::vector<SnapshotRecord> &records) {
    const auto disks = recorded_disks(domain, records);
    EXPECT_EQ(disks.size(), 1U);
    return disks.empty() ? DiskRecord() : disks.front();
}

DomainRecord domain_on(const std::string &path) {
    DomainRecord domain;
    domain.active_layers = {{"xvda", path}};
    return domain;
}

TEST(RecordedDisks, HaveTheImagesOfTheLastOperation) {
    const DiskRecord disk = only_disk(domain_on("/o"), {record_with(external_disk("/a", "/o"))});
    EXPECT_EQ(disk.vdev, "xvda");
    EXPECT_EQ(disk.path, "/o");
    EXPECT_EQ(disk.format, DiskFormat::Qcow2);
    EXPECT_EQ(disk.kind, DiskSnapshotKind::None);
}

TEST(RecordedDisks, HaveTheFormatOfTheImageThatASnapshotHolds) {
    const std::vector<SnapshotRecord> records = {record_with(external_disk("/a", "/o"))};
    EXPECT_EQ(only_disk(domain_on("/a"), records).format, DiskFormat::Raw);
}

TEST(RecordedDisks, HaveTheFormatThatTheDomainsRecordListsBeforeAnyOther) {
    DomainRecord domain = domain_on("/a");
    DomainImage image;
    image.path = "/a";
    image.format = DiskFormat::Qcow2;
    domain.images = {image};
    EXPECT_EQ(only_disk(domain, {record_with(internal_disk("/a", DiskFormat::Raw))}).format,
              DiskFormat::Qcow2);
}

TEST(RecordedDisks, HaveTheFormatOfTheNewestRecord) {
    EXPECT_EQ(only_disk(domain_on("/a"), {record_with(internal_disk("/a", DiskFormat::Raw)),
                                          record_with(internal_disk("/a", DiskFormat::Qcow2)),
                                          record_with(internal_disk("/b", DiskFormat::Vhd))})
                  .format,
              DiskFormat::Qcow2);
}

TEST(RecordedDisks, HaveNoFormatThatNobodyTells) {
    EXPECT_EQ(only_disk(domain_on("/n"), {record_with(external_disk("/a", "/o"))}).format,
              DiskFormat::Unknown);
}

} // namespace

} // namespace xlsnap
