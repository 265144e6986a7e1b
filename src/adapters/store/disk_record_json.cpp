// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/store/disk_record_json.hpp"

#include <fmt/format.h>

namespace xlsnap {

namespace {

// In the order of DiskSnapshotKind and of DiskFormat.
const std::vector<std::string_view> kKinds = {"none", "internal", "external"};
const std::vector<std::string_view> kFormats = {"unknown", "qcow",  "qcow2", "vhd",
                                                "raw",     "empty", "qed"};

} // namespace

// Device and inode are the numbers of 64 bits of which all may be used.
void add_mark(const ImageMark &mark, Json::Object &object) {
    object["device"] = fmt::format("{}", mark.device);
    object["inode"] = fmt::format("{}", mark.inode);
    object["bytes"] = static_cast<std::int64_t>(mark.bytes);
    if (mark.changed_ns)
        object["changed_ns"] = static_cast<std::int64_t>(*mark.changed_ns);
}

ImageMark read_mark(RecordFields &fields) {
    ImageMark mark;
    mark.device = fields.number_in_text("device");
    mark.inode = fields.number_in_text("inode");
    mark.bytes = fields.number("bytes");
    mark.changed_ns = fields.optional_number("changed_ns");
    return mark;
}

std::string_view format_word(DiskFormat format) {
    return kFormats.at(static_cast<std::size_t>(format));
}

DiskFormat read_format(RecordFields &fields, std::string_view key) {
    return static_cast<DiskFormat>(fields.word(key, kFormats));
}

namespace {

void refuse_foreign_members(RecordFields &fields, const std::vector<std::string_view> &keys) {
    for (const std::string_view key : keys) {
        if (fields.has(key))
            fields.refuse(key, "belongs to another kind of disk snapshot");
    }
}

} // namespace

Json disk_to_json(const DiskRecord &disk) {
    Json::Object object;
    object["vdev"] = disk.vdev;
    object["kind"] = kKinds.at(static_cast<std::size_t>(disk.kind));
    object["path"] = disk.path;
    object["format"] = format_word(disk.format);
    object["virtual_bytes"] = static_cast<std::int64_t>(disk.virtual_bytes);
    object["writable"] = disk.writable;
    add_mark(disk.mark, object);
    if (disk.kind == DiskSnapshotKind::Internal)
        object["tag"] = disk.tag;
    if (disk.kind == DiskSnapshotKind::External) {
        object["overlay"] = disk.overlay;
        object["overlay_format"] = format_word(disk.overlay_format);
    }
    return object;
}

DiskRecord read_disk(RecordFields &fields) {
    DiskRecord disk;
    disk.vdev = fields.text("vdev", kSomeText);
    disk.kind = static_cast<DiskSnapshotKind>(fields.word("kind", kKinds));
    const bool takes_part = disk.kind != DiskSnapshotKind::None;
    disk.path = fields.text("path", takes_part ? kAbsolutePath : kSomeText);
    disk.format = read_format(fields, "format");
    disk.virtual_bytes = fields.number("virtual_bytes");
    disk.writable = fields.flag("writable");
    disk.mark = read_mark(fields);
    if (disk.kind == DiskSnapshotKind::Internal)
        disk.tag = fields.text("tag", kTag);
    else
        refuse_foreign_members(fields, {"tag"});
    if (disk.kind == DiskSnapshotKind::External) {
        disk.overlay = fields.text("overlay", kAbsolutePath);
        disk.overlay_format = read_format(fields, "overlay_format");
    } else {
        refuse_foreign_members(fields, {"overlay", "overlay_format"});
    }
    return disk;
}

} // namespace xlsnap
