// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/libvirt_xml/disk_reader.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "adapters/libvirt_xml/words.hpp"
#include "adapters/libvirt_xml/xml_text.hpp"

namespace xlsnap {

namespace {

Result<DiskFormat> read_format(const XmlElement &driver) {
    XLSNAP_ASSIGN(const std::string word, driver.attribute("type"));
    if (word.empty())
        return DiskFormat::Unknown;
    const auto format = disk_format_of(word);
    if (!format)
        return driver.invalid(fmt::format(
            "the format \"{}\" is none of raw, qcow2, qcow, qed, vhd, which Xen serves", word));
    return *format;
}

Result<std::string> read_source(const XmlElement &source, const char *attribute) {
    XLSNAP_ASSIGN(std::string path, source.attribute(attribute));
    if (!path.empty() && !path.starts_with('/'))
        return source.invalid(fmt::format("the path \"{}\" must be absolute", path));
    return path;
}

Result<XmlDisk> read_snapshot_disk(const XmlElement &element) {
    XmlDisk disk;
    disk.line = element.line();
    XLSNAP_ASSIGN(disk.name, element.attribute("name"));
    if (disk.name.empty())
        return element.invalid("it has no name; give the target of a disk of the domain");
    XLSNAP_ASSIGN(disk.kind, read_disk_kind(element));
    XLSNAP_ASSIGN(XmlImage image, read_image(element));
    disk.path = std::move(image.path);
    disk.format = image.format;
    const bool has_overlay = !disk.path.empty() || disk.format != DiskFormat::Unknown;
    if (!disk.kind && has_overlay)
        disk.kind = DiskSnapshotKind::External;
    if (has_overlay && disk.kind != DiskSnapshotKind::External)
        return element.invalid(
            fmt::format("disk {}: a file or a format needs snapshot='external'", disk.name));
    return disk;
}

} // namespace

Result<XmlImage> read_image(const XmlElement &disk) {
    XLSNAP_ASSIGN(const std::string type, disk.attribute("type"));
    if (!type.empty() && type != "file" && type != "block")
        return disk.invalid(fmt::format(
            "disks of type \"{}\" are not supported, only \"file\" and \"block\"", type));
    XmlImage image;
    XLSNAP_ASSIGN(const auto driver, disk.child("driver"));
    if (driver) {
        XLSNAP_ASSIGN(image.format, read_format(*driver));
    }
    XLSNAP_ASSIGN(const auto source, disk.child("source"));
    if (source) {
        XLSNAP_ASSIGN(image.path, read_source(*source, type == "block" ? "dev" : "file"));
    }
    return image;
}

Result<std::optional<DiskSnapshotKind>> read_disk_kind(const XmlElement &disk) {
    XLSNAP_ASSIGN(const std::string word, disk.attribute("snapshot"));
    if (word.empty())
        return std::optional<DiskSnapshotKind>();
    const auto kind = disk_kind_of(word);
    if (!kind)
        return disk.invalid(fmt::format("snapshot=\"{}\" is none of no, internal, external", word));
    return kind;
}

Result<std::vector<XmlDisk>> read_snapshot_disks(const XmlElement &disks) {
    std::vector<XmlDisk> found;
    for (const XmlElement &element : disks.children()) {
        if (element.name() != "disk")
            return element.invalid("<disks> holds <disk> only");
        if (found.size() == kMaxXmlDisks)
            return element.invalid(
                fmt::format("there are more than {} disks; no more are read", kMaxXmlDisks));
        XLSNAP_ASSIGN(XmlDisk disk, read_snapshot_disk(element));
        if (std::ranges::count(found, disk.name, &XmlDisk::name) != 0)
            return element.invalid(fmt::format("disk {} is named twice", disk.name));
        found.push_back(std::move(disk));
    }
    return found;
}

} // namespace xlsnap
