// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/libvirt_xml/domain_reader.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "adapters/libvirt_xml/disk_reader.hpp"
#include "adapters/libvirt_xml/extension_reader.hpp"
#include "adapters/libvirt_xml/xml_text.hpp"

namespace xlsnap {

namespace {

bool is_hexadecimal(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

// libvirt takes a uuid without dashes too.
std::string normal_uuid(std::string text) {
    std::erase(text, '-');
    std::ranges::transform(text, text.begin(), [](char c) {
        return static_cast<char>(c >= 'A' && c <= 'F' ? c + 32 : c);
    });
    if (text.size() != 32 || !std::ranges::all_of(text, is_hexadecimal))
        return {};
    for (const std::size_t dash : {8U, 13U, 18U, 23U})
        text.insert(dash, 1, '-');
    return text;
}

Result<std::string> read_uuid(const XmlElement &domain) {
    XLSNAP_ASSIGN(const std::string text, domain.child_value("uuid"));
    std::string uuid = normal_uuid(text);
    if (!text.empty() && uuid.empty())
        return domain.invalid(fmt::format("\"{}\" is no uuid", text));
    return uuid;
}

Result<XmlDomainDisk> read_domain_disk(const XmlElement &element) {
    XmlDomainDisk result;
    XLSNAP_ASSIGN(const auto target, element.child("target"));
    if (target) {
        XLSNAP_ASSIGN(result.disk.vdev, target->attribute("dev"));
    }
    if (result.disk.vdev.empty())
        return element.invalid("the disk has no target; write <target dev='xvda'/>");
    XLSNAP_ASSIGN(result.kind, read_disk_kind(element));
    XLSNAP_ASSIGN(XmlImage image, read_image(element));
    result.disk.path = std::move(image.path);
    result.disk.format = image.format;
    XLSNAP_ASSIGN(const std::string device, element.attribute("device"));
    result.disk.cdrom = device == "cdrom";
    XLSNAP_ASSIGN(const auto readonly, element.child("readonly"));
    result.disk.writable = !readonly && !result.disk.cdrom;
    return result;
}

Result<std::vector<XmlDomainDisk>> read_domain_disks(const XmlElement &devices) {
    std::vector<XmlDomainDisk> disks;
    for (const XmlElement &element : devices.children()) {
        if (element.name() != "disk")
            continue;
        if (disks.size() == kMaxXmlDisks)
            return element.invalid(
                fmt::format("there are more than {} disks; no more are read", kMaxXmlDisks));
        XLSNAP_ASSIGN(XmlDomainDisk read, read_domain_disk(element));
        for (const XmlDomainDisk &other : disks)
            if (other.disk.vdev == read.disk.vdev)
                return element.invalid(fmt::format("the domain has two disks {}", read.disk.vdev));
        disks.push_back(std::move(read));
    }
    return disks;
}

Result<XmlDomain> read_domain_element(const XmlElement &element) {
    XmlDomain domain;
    XLSNAP_ASSIGN(domain.uuid, read_uuid(element));
    XLSNAP_ASSIGN(domain.name, element.child_value("name"));
    XLSNAP_ASSIGN(const auto devices, element.child("devices"));
    if (devices) {
        XLSNAP_ASSIGN(domain.disks, read_domain_disks(*devices));
    }
    return domain;
}

} // namespace

Status read_domain(const XmlElement &root, SnapshotXml &xml) {
    XLSNAP_ASSIGN(const auto domain, root.child("domain"));
    if (!domain)
        return {};
    XLSNAP_ASSIGN(xml.domain, read_domain_element(*domain));
    XLSNAP_ASSIGN(const auto metadata, domain->child("metadata"));
    if (metadata) {
        XLSNAP_ASSIGN(xml.extension, read_extension(*metadata));
    }
    return {};
}

} // namespace xlsnap
