// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/libvirt_xml/extension_writer.hpp"

#include <fmt/format.h>

#include "adapters/libvirt_xml/words.hpp"

namespace xlsnap {

namespace {

std::string number_or_nothing(std::uint64_t number) {
    return number == 0 ? std::string() : fmt::to_string(number);
}

std::string_view yes_or_nothing(bool value) {
    return value ? "yes" : "";
}

std::string_view word_or_nothing(MemoryCompression compression) {
    return compression == MemoryCompression::None ? "" : xml_word(compression);
}

void write_disk_extension(XmlWriter &xml, const DiskRecord &disk) {
    xml.element("xlsnap:disk",
                {{"name", disk.vdev},
                 {"tag", disk.tag},
                 {"size", number_or_nothing(disk.virtual_bytes)},
                 {"device", number_or_nothing(disk.mark.device)},
                 {"inode", number_or_nothing(disk.mark.inode)},
                 {"bytes", number_or_nothing(disk.mark.bytes)},
                 {"changed", disk.mark.changed_ns ? fmt::to_string(*disk.mark.changed_ns) : ""}});
}

} // namespace

void write_extension(XmlWriter &xml, const SnapshotRecord &record) {
    xml.element("xlsnap:snapshot",
                {{"xmlns:xlsnap", kExtensionNamespace},
                 {"state", xml_word(record.state)},
                 {"live", yes_or_nothing(record.live)},
                 {"crash-consistent", yes_or_nothing(record.crash_consistent)},
                 {"protected", yes_or_nothing(record.is_protected)},
                 {"version", record.program_version}},
                [&] {
                    if (record.memory)
                        xml.element("xlsnap:memory",
                                    {{"bytes", number_or_nothing(record.memory->bytes)},
                                     {"sha256", record.memory->sha256},
                                     {"compression", word_or_nothing(record.memory->compression)}});
                    for (const DiskRecord &disk : record.disks)
                        write_disk_extension(xml, disk);
                    xml.text_element("xlsnap:config", record.config_json);
                });
}

} // namespace xlsnap
