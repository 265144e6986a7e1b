// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/libvirt_xml/snapshot_reader.hpp"

#include <fmt/format.h>

#include "adapters/libvirt_xml/disk_reader.hpp"
#include "adapters/libvirt_xml/document.hpp"
#include "adapters/libvirt_xml/domain_reader.hpp"
#include "adapters/libvirt_xml/numbers.hpp"
#include "adapters/libvirt_xml/words.hpp"

namespace xlsnap {

namespace {

Result<std::optional<XmlMemory>> read_memory_word(const XmlElement &element) {
    XLSNAP_ASSIGN(const std::string word, element.attribute("snapshot"));
    if (word.empty())
        return std::optional<XmlMemory>();
    const auto memory = xml_memory_of(word);
    if (!memory)
        return element.invalid(
            fmt::format("snapshot=\"{}\" is none of no, internal, external", word));
    return memory;
}

Status read_memory(const XmlElement &element, SnapshotXml &xml) {
    XLSNAP_ASSIGN(xml.memory, read_memory_word(element));
    XLSNAP_ASSIGN(xml.memory_path, element.attribute("file"));
    const bool has_file = !xml.memory_path.empty();
    if (!xml.memory && has_file)
        xml.memory = XmlMemory::External;
    if (has_file && xml.memory != XmlMemory::External)
        return element.invalid(
            fmt::format("the file \"{}\" needs snapshot='external'", xml.memory_path));
    if (!has_file && xml.memory == XmlMemory::External)
        return element.invalid("snapshot='external' needs a file; name one (file='/path')");
    if (has_file && !xml.memory_path.starts_with('/'))
        return element.invalid(
            fmt::format("the file \"{}\" must be an absolute path", xml.memory_path));
    return {};
}

Status read_compression(const XmlElement &root, SnapshotXml &xml) {
    XLSNAP_ASSIGN(const auto element, root.child("compression"));
    if (!element)
        return {};
    XLSNAP_ASSIGN(const std::string word, root.child_value("compression"));
    xml.compression = compression_of(word);
    if (!xml.compression)
        return element->invalid(
            fmt::format("\"{}\" is no compression that is known; write none or zstd", word));
    return {};
}

Status read_settable(const XmlElement &root, SnapshotXml &xml) {
    XLSNAP_ASSIGN(xml.name, root.child_value("name"));
    XLSNAP_ASSIGN(const auto description, root.child("description"));
    if (description)
        xml.description = description->text();
    XLSNAP_ASSIGN(const auto memory, root.child("memory"));
    if (memory) {
        XLSNAP_TRY(read_memory(*memory, xml));
    }
    XLSNAP_ASSIGN(const auto disks, root.child("disks"));
    if (disks) {
        XLSNAP_ASSIGN(xml.disks, read_snapshot_disks(*disks));
    }
    return read_compression(root, xml);
}

Result<XmlState> read_state(const XmlElement &root) {
    XLSNAP_ASSIGN(const auto element, root.child("state"));
    XLSNAP_ASSIGN(const std::string word, root.child_value("state"));
    if (!element || word.empty())
        return root.invalid("a snapshot that is there already needs its <state>");
    const auto state = xml_state_of(word);
    if (!state)
        return element->invalid(fmt::format("\"{}\" is none of running, blocked, paused, shutdown, "
                                            "shutoff, crashed, disk-snapshot",
                                            word));
    return *state;
}

Result<std::uint64_t> read_creation_time(const XmlElement &root) {
    XLSNAP_ASSIGN(const auto element, root.child("creationTime"));
    XLSNAP_ASSIGN(const std::string text, root.child_value("creationTime"));
    if (!element || text.empty())
        return root.invalid("a snapshot that is there already needs its <creationTime>");
    const auto seconds = parse_number(text);
    if (!seconds)
        return element->invalid(
            fmt::format("\"{}\" is no number of seconds since the epoch", text));
    return *seconds;
}

Status read_parent(const XmlElement &root, SnapshotXml &xml) {
    XLSNAP_ASSIGN(const auto element, root.child("parent"));
    if (!element)
        return {};
    XLSNAP_ASSIGN(xml.parent, element->child_value("name"));
    if (!xml.parent.empty() && xml.parent == xml.name)
        return element->invalid(fmt::format("snapshot {} cannot be its own parent", xml.name));
    return {};
}

// libvirt's defaults for what an older libvirt did not write.
Status complete_memory(const XmlElement &root, SnapshotXml &xml) {
    if (!xml.memory)
        xml.memory = is_offline(*xml.state) ? XmlMemory::None : XmlMemory::Internal;
    if (is_offline(*xml.state) && xml.memory != XmlMemory::None)
        return root.invalid(fmt::format("a snapshot in state \"{}\" has no memory; write "
                                        "<memory snapshot='no'/> or another state",
                                        xml_word(*xml.state)));
    return {};
}

Status read_redefinition(const XmlElement &root, SnapshotXml &xml) {
    if (xml.name.empty())
        return root.invalid("a snapshot that is there already needs its <name>");
    XLSNAP_ASSIGN(xml.state, read_state(root));
    XLSNAP_ASSIGN(xml.creation_time, read_creation_time(root));
    XLSNAP_TRY(read_parent(root, xml));
    XLSNAP_TRY(complete_memory(root, xml));
    return read_domain(root, xml);
}

} // namespace

Result<SnapshotXml> read_snapshot_xml(std::string_view text, XmlUse use) {
    XLSNAP_ASSIGN(const XmlDocument document, XmlDocument::parse(text));
    const XmlElement root = document.root();
    if (root.name() != "domainsnapshot")
        return root.invalid("this is no <domainsnapshot>");
    SnapshotXml xml;
    XLSNAP_TRY(read_settable(root, xml));
    if (use == XmlUse::Redefine) {
        XLSNAP_TRY(read_redefinition(root, xml));
    }
    return xml;
}

} // namespace xlsnap
