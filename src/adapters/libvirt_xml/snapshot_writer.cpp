// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/libvirt_xml/snapshot_writer.hpp"

#include <fmt/format.h>

#include "adapters/libvirt_xml/domain_writer.hpp"
#include "adapters/libvirt_xml/words.hpp"
#include "adapters/libvirt_xml/writer.hpp"

namespace xlsnap {

namespace {

void write_memory(XmlWriter &xml, const SnapshotRecord &record) {
    if (is_disk_only(record))
        xml.element("memory", {{"snapshot", "no"}});
    else
        xml.element("memory", {{"snapshot", "external"}, {"file", record.memory->path}});
}

void write_snapshot_disk(XmlWriter &xml, const DomainDisk &disk) {
    const DiskRecord *record = disk.record;
    if (record == nullptr || record->kind != DiskSnapshotKind::External) {
        xml.element("disk", {{"name", disk.vdev}, {"snapshot", xml_word(disk.kind())}});
        return;
    }
    const SourceWords words = source_words(record->overlay, ImageMark{});
    xml.element("disk",
                {{"name", disk.vdev}, {"snapshot", xml_word(disk.kind())}, {"type", words.type}},
                [&] {
                    xml.element("driver", {{"type", xml_word(record->overlay_format)}});
                    xml.element("source", {{words.attribute, record->overlay}});
                });
}

void write_parts(XmlWriter &xml, const SnapshotRecord &record, const std::string &parent_name,
                 const std::vector<DomainDisk> &disks) {
    xml.text_element("name", record.name);
    xml.text_element("description", record.description);
    xml.text_element("state", xml_word(xml_state(record)));
    if (!parent_name.empty())
        xml.element("parent", {}, [&] { xml.text_element("name", parent_name); });
    xml.text_element("creationTime", fmt::to_string(record.creation_time));
    write_memory(xml, record);
    xml.element("disks", {}, [&] {
        for (const DomainDisk &disk : disks)
            write_snapshot_disk(xml, disk);
    });
}

} // namespace

Result<std::string> write_snapshot_xml(const SnapshotRecord &record,
                                       const std::string &parent_name) {
    XLSNAP_ASSIGN(const Json config, config_of(record));
    const std::vector<DomainDisk> disks = domain_disks(record, config);
    XLSNAP_TRY(check_for_libvirt(disks));
    XmlWriter xml;
    xml.element("domainsnapshot", {}, [&] {
        write_parts(xml, record, parent_name, disks);
        write_domain(xml, record, config, disks);
    });
    return xml.finish();
}

} // namespace xlsnap
