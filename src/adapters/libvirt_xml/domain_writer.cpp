// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/libvirt_xml/domain_writer.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "adapters/libvirt_xml/extension_writer.hpp"
#include "adapters/libvirt_xml/words.hpp"
#include "core/refusals.hpp"

namespace xlsnap {

namespace {

// libxl's defaults, which its JSON leaves out. They also stand for what is not known, as libvirt
// requires the memory.
constexpr std::int64_t kDefaultMemory = 32768; // KiB
constexpr std::int64_t kDefaultVcpus = 1;

const Json &member(const Json &object, std::string_view key) {
    static const Json nothing;
    const Json *found = object.find(key);
    return found == nullptr ? nothing : *found;
}

std::string text_member(const Json &object, std::string_view key) {
    const std::string *text = object.find_string(key);
    return text == nullptr ? std::string() : *text;
}

std::int64_t number_member(const Json &object, std::string_view key, std::int64_t otherwise) {
    const std::int64_t *number = member(object, key).as_integer();
    return number == nullptr || *number <= 0 ? otherwise : *number;
}

// libxl writes a bool as 1 or true, and none that is false.
bool is_set(const Json &object, std::string_view key) {
    const Json &value = member(object, key);
    return (value.as_bool() != nullptr && *value.as_bool()) ||
           (value.as_integer() != nullptr && *value.as_integer() != 0);
}

const Json::Array &array_member(const Json &object, std::string_view key) {
    static const Json::Array nothing;
    const Json::Array *array = member(object, key).as_array();
    return array == nullptr ? nothing : *array;
}

std::string_view os_type(const Json &config) {
    const std::string type = text_member(member(config, "c_info"), "type");
    if (type == "hvm")
        return "hvm";
    return type == "pvh" ? "xenpvh" : "xen";
}

void write_resources(XmlWriter &xml, const Json &config) {
    const Json &build = member(config, "b_info");
    const std::int64_t most = number_member(build, "max_memkb", kDefaultMemory);
    const std::int64_t vcpus = number_member(build, "max_vcpus", kDefaultVcpus);
    const auto online = static_cast<std::int64_t>(array_member(build, "avail_vcpus").size());
    xml.text_element("memory", fmt::to_string(most), {{"unit", "KiB"}});
    xml.text_element("currentMemory", fmt::to_string(number_member(build, "target_memkb", most)),
                     {{"unit", "KiB"}});
    xml.text_element("vcpu", fmt::to_string(vcpus),
                     {{"current", online > 0 && online < vcpus ? fmt::to_string(online) : ""}});
}

void write_os(XmlWriter &xml, const Json &config) {
    const Json &build = member(config, "b_info");
    xml.text_element("bootloader", text_member(build, "bootloader"));
    xml.element("os", {}, [&] {
        xml.text_element("type", os_type(config));
        xml.text_element("kernel", text_member(build, "kernel"));
        xml.text_element("initrd", text_member(build, "ramdisk"));
        xml.text_element("cmdline", text_member(build, "cmdline"));
    });
}

std::string_view driver_name(const Json &disk) {
    const std::string backend = text_member(disk, "backend");
    if (backend == "phy" || backend == "tap")
        return backend == "phy" ? "phy" : "tap";
    return backend == "qdisk" ? "qemu" : "";
}

std::string_view bus_of(std::string_view vdev) {
    if (vdev.starts_with("hd"))
        return "ide";
    return vdev.starts_with("sd") ? "scsi" : "xen";
}

bool is_writable(const DomainDisk &disk) {
    return disk.record == nullptr ? is_set(*disk.config, "readwrite") : disk.record->writable;
}

DiskFormat format_of(const DomainDisk &disk) {
    if (disk.record != nullptr)
        return disk.record->format;
    return disk_format_of(text_member(*disk.config, "format")).value_or(DiskFormat::Unknown);
}

// libvirt's CD-ROM drives are never written to.
bool is_cdrom(const DomainDisk &disk) {
    return disk.config != nullptr && is_set(*disk.config, "is_cdrom") &&
           (disk.record == nullptr || !disk.record->writable);
}

// A disk that is left out says so here too: libvirt requires it of an internal snapshot of the
// others.
void write_disk(XmlWriter &xml, const DomainDisk &disk) {
    static const Json nothing;
    const Json &config = disk.config == nullptr ? nothing : *disk.config;
    const std::string path = disk.path();
    const SourceWords words =
        source_words(path, disk.record == nullptr ? ImageMark{} : disk.record->mark);
    xml.element("disk",
                {{"type", words.type},
                 {"device", is_cdrom(disk) ? "cdrom" : "disk"},
                 {"snapshot", disk.kind() == DiskSnapshotKind::None ? "no" : ""}},
                [&] {
                    if (const auto format = xml_word(format_of(disk)); !format.empty())
                        xml.element("driver", {{"name", driver_name(config)}, {"type", format}});
                    if (!path.empty())
                        xml.element("source", {{words.attribute, path}});
                    xml.element("target", {{"dev", disk.vdev}, {"bus", bus_of(disk.vdev)}});
                    if (!is_writable(disk))
                        xml.element("readonly");
                });
}

void write_interface(XmlWriter &xml, const Json &nic) {
    const std::string bridge = text_member(nic, "bridge");
    xml.element("interface", {{"type", bridge.empty() ? "ethernet" : "bridge"}}, [&] {
        if (const std::string mac = text_member(nic, "mac"); !mac.empty())
            xml.element("mac", {{"address", mac}});
        if (!bridge.empty())
            xml.element("source", {{"bridge", bridge}});
        if (const std::string model = text_member(nic, "model"); !model.empty())
            xml.element("model", {{"type", model}});
    });
}

} // namespace

std::string DomainDisk::path() const {
    return record == nullptr ? text_member(*config, "pdev_path") : record->path;
}

SourceWords source_words(std::string_view path, const ImageMark &mark) {
    if (mark.inode == 0 && path.starts_with("/dev/"))
        return {"block", "dev"};
    return {"file", "file"};
}

Result<Json> config_of(const SnapshotRecord &record) {
    if (record.config_json.empty())
        return Json();
    return parse_json(record.config_json)
        .with_context(fmt::format("configuration in snapshot {}", record.name));
}

std::vector<DomainDisk> domain_disks(const SnapshotRecord &record, const Json &config) {
    std::vector<DomainDisk> disks;
    for (const Json &disk : array_member(config, "disks"))
        disks.push_back({text_member(disk, "vdev"), &disk, nullptr});
    for (const DiskRecord &disk : record.disks) {
        const auto known = std::ranges::find(disks, disk.vdev, &DomainDisk::vdev);
        if (known == disks.end())
            disks.push_back({disk.vdev, nullptr, &disk});
        else
            known->record = &disk;
    }
    return disks;
}

Status check_for_libvirt(const std::vector<DomainDisk> &disks) {
    Refusals refusals;
    for (const DomainDisk &disk : disks) {
        if (!is_libvirt_target(disk.vdev))
            refusals.add(ErrorCode::Invalid,
                         fmt::format("libvirt knows no disk by a name like \"{}\"", disk.vdev));
        for (const std::string &path :
             {disk.path(), disk.record == nullptr ? std::string() : disk.record->overlay})
            if (!path.empty() && !path.starts_with('/'))
                refusals.add(ErrorCode::Invalid,
                             fmt::format("disk {}: libvirt's XML has no place for the image {}, "
                                         "which is no absolute path",
                                         disk.vdev, path));
    }
    return refusals.status();
}

void write_domain(XmlWriter &xml, const SnapshotRecord &record, const Json &config,
                  const std::vector<DomainDisk> &disks) {
    xml.element("domain", {{"type", "xen"}}, [&] {
        xml.text_element("name", record.domain_name);
        xml.text_element("uuid", record.domain_uuid);
        xml.element("metadata", {}, [&] { write_extension(xml, record); });
        write_resources(xml, config);
        write_os(xml, config);
        xml.element("devices", {}, [&] {
            for (const DomainDisk &disk : disks)
                write_disk(xml, disk);
            for (const Json &nic : array_member(config, "nics"))
                write_interface(xml, nic);
        });
    });
}

} // namespace xlsnap
