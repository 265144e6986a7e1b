// SPDX-License-Identifier: LGPL-2.1-only
#include "support/sample_records.hpp"

#include <fmt/format.h>

namespace xlsnap::test {

namespace {

DiskRecord qcow2_disk(const std::string &vdev) {
    DiskRecord disk;
    disk.vdev = vdev;
    disk.path = "/nowhere/images/" + vdev + ".qcow2";
    disk.format = DiskFormat::Qcow2;
    disk.virtual_bytes = std::uint64_t{10} << 30U;
    disk.mark = {2049, 131, 4096, 1700000000123456789};
    return disk;
}

DiskRecord with_tag(DiskRecord disk, const std::string &tag) {
    disk.kind = DiskSnapshotKind::Internal;
    disk.tag = tag;
    return disk;
}

DiskRecord with_overlay(DiskRecord disk, const std::string &overlay) {
    disk.kind = DiskSnapshotKind::External;
    disk.overlay = overlay;
    disk.overlay_format = DiskFormat::Qcow2;
    return disk;
}

DiskRecord left_out_device() {
    DiskRecord disk;
    disk.vdev = "xvdc";
    disk.path = "/dev/vg0/data";
    disk.format = DiskFormat::Raw;
    disk.writable = false;
    disk.mark = {UINT64_MAX, 0, 0, std::nullopt};
    return disk;
}

} // namespace

std::string record_id(std::uint64_t number) {
    return fmt::format("{:016x}", number);
}

SnapshotRecord sample_record(std::uint64_t number, const std::string &name) {
    SnapshotRecord record;
    record.id = record_id(number);
    record.name = name;
    record.creation_time = 1700000000 + number;
    record.state = SnapshotState::Running;
    record.crash_consistent = true;
    record.domain_uuid = kSampleUuid;
    record.domain_name = "g1";
    record.disks = {with_tag(qcow2_disk("xvda"), "xlsnap-" + record.id)};
    record.program_version = "0.1.0";
    return record;
}

SnapshotRecord full_record() {
    SnapshotRecord record = sample_record(2, "before the \xc3\xbcpgrade");
    record.parent_id = record_id(1);
    record.description = "two\nlines, \"quotes\" and \xf0\x9f\x98\x80";
    record.state = SnapshotState::Paused;
    record.live = true;
    record.crash_consistent = false;
    record.is_protected = true;
    record.config_json = R"({"c_info":{"name":"g1"}})";
    record.memory = MemoryRecord{"/var/lib/xen/snapshots/x.save", 123456789,
                                 std::string(32, 'a') + std::string(32, '7')};
    record.disks.push_back(with_overlay(qcow2_disk("xvdb"), "/nowhere/fast/xvdb.1"));
    record.disks.push_back(left_out_device());
    return record;
}

DomainRecord sample_domain() {
    DomainRecord domain;
    domain.uuid = kSampleUuid;
    domain.name = "g1";
    domain.current_id = record_id(2);
    domain.current_name = full_record().name;
    domain.active_layers = {{"xvda", "/nowhere/images/xvda.qcow2"},
                            {"xvdb", "/nowhere/fast/xvdb.1"}};
    domain.images = {
        {"/nowhere/images/base", DiskFormat::Raw, {1, 2, 3, 4}, false, true},
        {"/nowhere/images/xvda.qcow2", DiskFormat::Qcow2, {5, 6, 7, 8}, true, false, {"a", "b c"}},
        {"/dev/vg/base", DiskFormat::Raw, {9, 0, 10, std::nullopt}, true, false, {}, true}};
    return domain;
}

} // namespace xlsnap::test
