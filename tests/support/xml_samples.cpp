// SPDX-License-Identifier: LGPL-2.1-only
#include "support/xml_samples.hpp"

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>

namespace xlsnap::test {

namespace {

constexpr const char *kUuid = "6c8a2e5e-0f4b-4d0c-9d6e-1d1a3b0f9a01";

DiskRecord disk(const char *vdev, const char *path, DiskFormat format, ImageMark mark) {
    DiskRecord disk;
    disk.vdev = vdev;
    disk.path = path;
    disk.format = format;
    disk.virtual_bytes = 67108864;
    disk.mark = mark;
    return disk;
}

DiskRecord internal(DiskRecord disk) {
    disk.kind = DiskSnapshotKind::Internal;
    disk.tag = "xlsnap-0123456789abcdef";
    return disk;
}

SnapshotRecord without_memory(SnapshotState state) {
    SnapshotRecord record = sample_record();
    record.memory.reset();
    record.live = false;
    record.state = state;
    record.crash_consistent = state != SnapshotState::Inactive;
    return record;
}

SnapshotRecord with_external(SnapshotRecord record, const std::vector<std::string> &vdevs) {
    for (const std::string &vdev : vdevs) {
        DiskRecord &disk = disk_of(record, vdev);
        disk.kind = DiskSnapshotKind::External;
        disk.tag.clear();
        disk.overlay = disk.path + ".s1";
        disk.overlay_format = vdev == "hda" ? DiskFormat::Qed : DiskFormat::Qcow2;
    }
    return record;
}

SnapshotRecord memory_alone() {
    SnapshotRecord record = sample_record();
    for (DiskRecord &disk : record.disks) {
        disk.kind = DiskSnapshotKind::None;
        disk.tag.clear();
    }
    record.memory->compression = MemoryCompression::Zstd;
    return record;
}

SnapshotRecord named_oddly() {
    SnapshotRecord record = sample_record();
    record.name = "a b é <&> \"q\" ü.";
    record.description = "two\nlines, <tags> & 'quotes'";
    record.domain_name = "g & <1>";
    record.memory->path = "/var/lib/xen/é & <m>/memory";
    disk_of(record, "xvda").path = "/img/<é> & \"q\".qcow2";
    record.config_json = sample_config("pv");
    return record;
}

SnapshotRecord paused_hvm() {
    SnapshotRecord record = sample_record();
    record.state = SnapshotState::Paused;
    record.config_json = sample_config("hvm");
    record.is_protected = true;
    record.live = true;
    return record;
}

SnapshotRecord without_config() {
    SnapshotRecord record = sample_record();
    record.config_json.clear();
    return record;
}

} // namespace

std::string sample_config(const std::string &type) {
    return fmt::format(
        R"({{"c_info":{{"type":"{0}","name":"g1","uuid":"{1}"}},)"
        R"("b_info":{{"max_vcpus":4,"avail_vcpus":[0,1],"max_memkb":65536,"target_memkb":32768,)"
        R"("kernel":"/boot/vmlinuz","ramdisk":"/boot/initrd","cmdline":"root=/dev/xvda a<b&c",)"
        R"("type.{0}":{{}}}},"disks":[)"
        R"({{"pdev_path":"/img/a b.qcow2","vdev":"xvda","backend":"qdisk","format":"qcow2",)"
        R"("readwrite":1}},)"
        R"({{"pdev_path":"/dev/vg/b","vdev":"xvdb","backend":"phy","format":"raw","readwrite":1}},)"
        R"({{"pdev_path":"/img/h.qcow2","vdev":"hda","backend":"qdisk","format":"qcow2",)"
        R"("readwrite":1}},)"
        R"({{"pdev_path":"/img/r.img","vdev":"sda","backend":"tap","format":"vhd"}},)"
        R"({{"vdev":"hdc","backend":"qdisk","format":"empty","removable":1,"is_cdrom":1}}],)"
        R"("nics":[{{"devid":0,"mac":"00:16:3e:00:00:01","bridge":"xenbr0","model":"e1000"}},)"
        R"({{"devid":1,"mac":"00:16:3e:00:00:02"}}]}})",
        type, kUuid);
}

SnapshotRecord sample_record() {
    SnapshotRecord record;
    record.id = "0123456789abcdef";
    record.name = "s1";
    record.description = "before the upgrade";
    record.creation_time = 1700000000;
    record.state = SnapshotState::Running;
    record.domain_uuid = kUuid;
    record.domain_name = "g1";
    record.config_json = sample_config("pvh");
    record.memory = MemoryRecord{"/var/lib/xen/snapshots/u/memory-0123456789abcdef.save", 70000,
                                 std::string(64, 'a')};
    record.program_version = "0.1.0";
    record.disks = {
        internal(disk("xvda", "/img/a b.qcow2", DiskFormat::Qcow2, {64769, 17, 197120, 5})),
        disk("xvdb", "/dev/vg/b", DiskFormat::Raw, {64770, 0, 67108864, std::nullopt}),
        internal(disk("hda", "/img/h.qcow2", DiskFormat::Qcow2, {64769, 18, 197120, 6})),
        disk("sda", "/img/r.img", DiskFormat::Vhd, {64769, 19, 512, 7}),
    };
    disk_of(record, "sda").writable = false;
    return record;
}

std::vector<NamedRecord> sample_records() {
    const auto off = [] { return without_memory(SnapshotState::Inactive); };
    const auto disks = [] { return without_memory(SnapshotState::Running); };
    return {
        {"MemoryAndInternalDisks", sample_record(), ""},
        {"InternalDisksOfARunningDomain", disks(), "base"},
        {"InternalDisksOfAPausedDomain", without_memory(SnapshotState::Paused), ""},
        {"InternalDisksOfAnInactiveDomain", off(), "base"},
        {"ExternalDisks", with_external(disks(), {"xvda", "xvdb", "hda"}), ""},
        {"ExternalDisksOfAnInactiveDomain", with_external(off(), {"xvda", "hda"}), ""},
        {"MemoryAndExternalDisks", with_external(sample_record(), {"xvda", "xvdb", "hda"}), "base"},
        {"MemoryAndMixedDisks", with_external(sample_record(), {"xvdb"}), ""},
        {"MixedDisksOfARunningDomain", with_external(disks(), {"hda"}), ""},
        {"MixedDisksOfAnInactiveDomain", with_external(off(), {"hda"}), ""},
        {"MemoryAlone", memory_alone(), ""},
        {"OddNames", named_oddly(), "base"},
        {"APausedHvmDomain", paused_hvm(), ""},
        {"NoConfiguration", without_config(), "base"},
    };
}

DiskRecord &disk_of(SnapshotRecord &record, const std::string &vdev) {
    const auto found = std::ranges::find(record.disks, vdev, &DiskRecord::vdev);
    if (found == record.disks.end())
        throw std::out_of_range(vdev);
    return *found;
}

} // namespace xlsnap::test
