// SPDX-License-Identifier: LGPL-2.1-only
// tests/data/catalog-v1 is a catalog of version 1 of the format as xlsnap 0.1.0 wrote it. It is
// read for ever: what this test expects does not change.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/store/snapshot_record_json.hpp"
#include "unit/adapters_store/catalog_fixture.hpp"

namespace xlsnap::test {
namespace {

constexpr const char *kGoldenUuid = "5e0c8a1e-6f5d-4a0b-9a53-0d4f6e6a7b21";

DiskRecord golden_disk(const std::string &vdev) {
    DiskRecord disk;
    disk.vdev = vdev;
    disk.path = "/srv/images/" + vdev + ".qcow2";
    disk.format = DiskFormat::Qcow2;
    disk.virtual_bytes = 10737418240;
    disk.mark = {64769, 4242, 1966080, 1700000000123456789};
    return disk;
}

DiskRecord tagged(const std::string &vdev, const std::string &tag) {
    DiskRecord disk = golden_disk(vdev);
    disk.kind = DiskSnapshotKind::Internal;
    disk.tag = tag;
    return disk;
}

SnapshotRecord golden_snapshot(const std::string &id, const std::string &name, std::uint64_t time) {
    SnapshotRecord record;
    record.id = id;
    record.name = name;
    record.creation_time = time;
    record.domain_uuid = kGoldenUuid;
    record.domain_name = "web";
    record.program_version = "0.1.0";
    return record;
}

SnapshotRecord golden_with_memory() {
    SnapshotRecord record = golden_snapshot("00c0ffee00c0ffee", "1700000000", 1700000000);
    record.description = "Before the upgrade,\n\"as it was\"";
    record.state = SnapshotState::Paused;
    record.is_protected = true;
    record.config_json = R"({"c_info":{"type":"pvh","name":"web"}})";
    record.memory = MemoryRecord{
        "/var/lib/xen/snapshots/5e0c8a1e-6f5d-4a0b-9a53-0d4f6e6a7b21/00c0ffee00c0ffee.save",
        268435456, "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"};
    record.disks = {tagged("xvda", "xlsnap-00c0ffee00c0ffee"), golden_disk("xvdb")};
    record.disks[1].path = "/dev/vg0/data";
    record.disks[1].format = DiskFormat::Raw;
    record.disks[1].writable = false;
    record.disks[1].mark = {18446744073709551615U, 0, 1073741824, std::nullopt};
    return record;
}

SnapshotRecord golden_disk_only() {
    SnapshotRecord record = golden_snapshot("1111111111111111", "disks alone", 1700000100);
    record.parent_id = "00c0ffee00c0ffee";
    record.state = SnapshotState::Running;
    record.crash_consistent = true;
    record.disks = {tagged("xvda", "xlsnap-1111111111111111")};
    return record;
}

SnapshotRecord golden_external() {
    SnapshotRecord record = golden_snapshot("2222222222222222", "ext", 1700000200);
    record.parent_id = "1111111111111111";
    record.state = SnapshotState::Inactive;
    DiskRecord disk = golden_disk("xvda");
    disk.kind = DiskSnapshotKind::External;
    disk.overlay = "/srv/images/xvda.ext.qcow2";
    disk.overlay_format = DiskFormat::Qcow2;
    record.disks = {disk};
    return record;
}

SnapshotRecord golden_odd_name() {
    SnapshotRecord record =
        golden_snapshot("3333333333333333", "100% \xc3\xa9t\xc3\xa9 *?", 1700000300);
    record.parent_id = "1111111111111111";
    record.state = SnapshotState::Blocked;
    record.live = true;
    record.memory = MemoryRecord{"/srv/m.save", 1, std::string(64, '0')};
    record.disks = {tagged("hda", "imported")};
    return record;
}

SnapshotRecord golden_long_name() {
    SnapshotRecord record =
        golden_snapshot("4444444444444444", std::string(90, ' ') + "%25%x", 1700000400);
    record.state = SnapshotState::Shutdown;
    return record;
}

std::vector<SnapshotRecord> golden_snapshots() {
    return {golden_with_memory(), golden_disk_only(), golden_external(), golden_odd_name(),
            golden_long_name()};
}

DomainRecord golden_domain() {
    DomainRecord domain;
    domain.uuid = kGoldenUuid;
    domain.name = "web";
    domain.current_id = "3333333333333333";
    domain.active_layers = {{"xvda", "/srv/images/xvda.ext.qcow2"}, {"xvdb", "/dev/vg0/data"}};
    return domain;
}

// Git keeps neither owners nor modes, so that a checkout's directories may be others' too.
void copy_for_owner_alone(const std::filesystem::path &from, const std::filesystem::path &to) {
    std::filesystem::copy(from, to, std::filesystem::copy_options::recursive);
    for (const auto &path : {to, to / kGoldenUuid})
        std::filesystem::permissions(path, std::filesystem::perms::owner_all);
}

TEST(GoldenCatalog, OfVersionOneIsReadForEver) {
    const TemporaryDirectory scratch;
    copy_for_owner_alone(std::string(XLSNAP_TEST_DATA) + "/catalog-v1", scratch / "catalog");
    RecordingLog log;
    FileCatalog catalog(scratch / "catalog", log);
    EXPECT_THAT(*catalog.domains(), ::testing::ElementsAre(golden_domain()));
    const auto found = catalog.read(kGoldenUuid);
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(found->domain, golden_domain());
    EXPECT_EQ(found->snapshots, golden_snapshots());
    EXPECT_TRUE(found->broken.empty());
    const auto current = catalog.read_current(kGoldenUuid);
    ASSERT_TRUE(current) << current.error().message;
    EXPECT_EQ(current->record, golden_odd_name());
    EXPECT_TRUE(log.warnings.empty());
}

} // namespace
} // namespace xlsnap::test
