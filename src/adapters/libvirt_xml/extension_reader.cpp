// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/libvirt_xml/extension_reader.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "adapters/libvirt_xml/numbers.hpp"
#include "adapters/libvirt_xml/words.hpp"
#include "adapters/libvirt_xml/xml_text.hpp"
#include "base/json.hpp"

namespace xlsnap {

namespace {

Result<std::optional<std::uint64_t>> read_optional_number(const XmlElement &element,
                                                          const char *name) {
    XLSNAP_ASSIGN(const std::string text, element.attribute(name));
    if (text.empty())
        return std::optional<std::uint64_t>();
    const auto number = parse_number(text);
    if (!number)
        return element.invalid(fmt::format("{}=\"{}\" is no number", name, text));
    return number;
}

Result<std::uint64_t> read_number(const XmlElement &element, const char *name) {
    XLSNAP_ASSIGN(const auto number, read_optional_number(element, name));
    return number.value_or(0);
}

Result<bool> read_yes(const XmlElement &element, const char *name) {
    XLSNAP_ASSIGN(const std::string word, element.attribute(name));
    if (!word.empty() && word != "yes")
        return element.invalid(fmt::format("{}=\"{}\" is not \"yes\"", name, word));
    return !word.empty();
}

Result<ImageMark> read_mark(const XmlElement &element) {
    ImageMark mark;
    XLSNAP_ASSIGN(mark.device, read_number(element, "device"));
    XLSNAP_ASSIGN(mark.inode, read_number(element, "inode"));
    XLSNAP_ASSIGN(mark.bytes, read_number(element, "bytes"));
    XLSNAP_ASSIGN(mark.changed_ns, read_optional_number(element, "changed"));
    return mark;
}

Result<DiskRecord> read_disk_extension(const XmlElement &element) {
    DiskRecord disk;
    XLSNAP_ASSIGN(disk.vdev, element.attribute("name"));
    XLSNAP_ASSIGN(disk.tag, element.attribute("tag"));
    XLSNAP_ASSIGN(disk.virtual_bytes, read_number(element, "size"));
    XLSNAP_ASSIGN(disk.mark, read_mark(element));
    if (disk.vdev.empty())
        return element.invalid("it has no name; give that of a disk of the domain");
    return disk;
}

bool is_digest(std::string_view text) {
    return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == text.npos;
}

Status read_memory_extension(const XmlElement &element, XmlExtension &extension) {
    XLSNAP_ASSIGN(extension.memory_bytes, read_number(element, "bytes"));
    XLSNAP_ASSIGN(extension.memory_sha256, element.attribute("sha256"));
    if (!extension.memory_sha256.empty() && !is_digest(extension.memory_sha256))
        return element.invalid(fmt::format("sha256=\"{}\" is no SHA-256", extension.memory_sha256));
    XLSNAP_ASSIGN(const std::string word, element.attribute("compression"));
    if (word.empty())
        return {};
    const auto compression = compression_of(word);
    if (!compression)
        return element.invalid(fmt::format("compression=\"{}\" is not known", word));
    extension.memory_compression = *compression;
    return {};
}

Status read_config(const XmlElement &element, XmlExtension &extension) {
    extension.config_json = element.text();
    const auto config = parse_json(extension.config_json);
    if (!config)
        return element.invalid(config.error().message);
    if (config->as_object() == nullptr)
        return element.invalid("it is no libxl_domain_config in libxl's JSON");
    return {};
}

Status read_snapshot_attributes(const XmlElement &element, XmlExtension &extension) {
    XLSNAP_ASSIGN(const std::string word, element.attribute("state"));
    const auto state = snapshot_state_of(word);
    if (!state)
        return element.invalid(fmt::format("state=\"{}\" is not known", word));
    extension.state = *state;
    XLSNAP_ASSIGN(extension.live, read_yes(element, "live"));
    XLSNAP_ASSIGN(extension.crash_consistent, read_yes(element, "crash-consistent"));
    XLSNAP_ASSIGN(extension.is_protected, read_yes(element, "protected"));
    XLSNAP_ASSIGN(extension.program_version, element.attribute("version"));
    return {};
}

} // namespace

Result<std::optional<XmlExtension>> read_extension(const XmlElement &metadata) {
    XLSNAP_ASSIGN(const auto element, metadata.child("snapshot", kExtensionNamespace));
    if (!element)
        return std::optional<XmlExtension>();
    XmlExtension extension;
    XLSNAP_TRY(read_snapshot_attributes(*element, extension));
    XLSNAP_ASSIGN(const auto memory, element->child("memory", kExtensionNamespace));
    if (memory) {
        XLSNAP_TRY(read_memory_extension(*memory, extension));
    }
    for (const XmlElement &child : element->children(kExtensionNamespace)) {
        if (child.name() != "disk")
            continue;
        if (extension.disks.size() == kMaxXmlDisks)
            return child.invalid(
                fmt::format("there are more than {} disks; no more are read", kMaxXmlDisks));
        XLSNAP_ASSIGN(DiskRecord disk, read_disk_extension(child));
        extension.disks.push_back(std::move(disk));
    }
    XLSNAP_ASSIGN(const auto config, element->child("config", kExtensionNamespace));
    if (config) {
        XLSNAP_TRY(read_config(*config, extension));
    }
    return std::optional(std::move(extension));
}

} // namespace xlsnap
