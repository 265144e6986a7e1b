// SPDX-License-Identifier: LGPL-2.1-only
#include "core/xml_record.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/json.hpp"
#include "core/refusals.hpp"
#include "core/xml_rules.hpp"

namespace xlsnap {

namespace {

SnapshotState state_of(XmlState state) {
    switch (state) {
    case XmlState::Running:
    case XmlState::DiskSnapshot:
        return SnapshotState::Running;
    case XmlState::Blocked:
        return SnapshotState::Blocked;
    case XmlState::Paused:
        return SnapshotState::Paused;
    case XmlState::Shutdown:
    case XmlState::Crashed:
        return SnapshotState::Shutdown;
    case XmlState::Shutoff:
        return SnapshotState::Inactive;
    }
    return SnapshotState::Unknown;
}

std::optional<MemoryRecord> memory_of(const SnapshotXml &xml, const RedefinitionFacts &facts) {
    if (xml.memory == XmlMemory::None)
        return std::nullopt;
    MemoryRecord memory;
    memory.path = xml.memory == XmlMemory::External ? xml.memory_path : facts.kept_memory;
    memory.compression = xml.compression.value_or(MemoryCompression::None);
    if (xml.extension) {
        memory.compression = xml.extension->memory_compression;
        memory.bytes = xml.extension->memory_bytes;
        memory.sha256 = xml.extension->memory_sha256;
    }
    return memory;
}

// Our word for the state tells more than libvirt's, as long as the two agree.
void set_state(SnapshotRecord &record, const SnapshotXml &xml) {
    const XmlExtension extension = xml.extension.value_or(XmlExtension{});
    record.is_protected = extension.is_protected;
    record.program_version = extension.program_version;
    record.live = extension.live && record.memory;
    record.state = extension.state;
    record.crash_consistent = extension.crash_consistent && is_disk_only(record);
    if (xml.extension && xml_state(record) == *xml.state)
        return;
    record.state = state_of(*xml.state);
    record.crash_consistent = is_disk_only(record) && *xml.state != XmlState::Shutoff;
}

// The disks of the domain as it was then, as far as the XML tells it. Ours tells all; another's
// <domain> may be a mere name.
std::vector<XmlDomainDisk> disks_then(const SnapshotXml &xml, const RedefinitionFacts &facts) {
    if (xml.domain && (xml.extension || !xml.domain->disks.empty()))
        return xml.domain->disks;
    std::vector<XmlDomainDisk> disks;
    for (const Disk &disk : facts.disks)
        disks.push_back({disk, std::nullopt});
    return disks;
}

// libvirt's default for a disk that is not listed.
DiskSnapshotKind default_kind(const SnapshotXml &xml, const XmlDomainDisk &then) {
    if (then.kind)
        return *then.kind;
    if (!then.disk.writable)
        return DiskSnapshotKind::None;
    const bool is_external =
        xml.state == XmlState::DiskSnapshot || xml.memory == XmlMemory::External ||
        std::ranges::count(xml.disks, DiskSnapshotKind::External, &XmlDisk::kind) != 0;
    return is_external ? DiskSnapshotKind::External : DiskSnapshotKind::Internal;
}

Status check_disk(const DiskRecord &disk) {
    if (disk.kind == DiskSnapshotKind::Internal && disk.format != DiskFormat::Qcow2)
        return fail(ErrorCode::Invalid,
                    fmt::format("<disks>: the image of disk {} is {}, and only a qcow2 image holds "
                                "internal snapshots; write snapshot='no'",
                                disk.vdev, to_string(disk.format)));
    if (disk.kind == DiskSnapshotKind::External && disk.overlay.empty())
        return fail(ErrorCode::Invalid,
                    fmt::format("<disks>: the snapshot of disk {} is external; name its overlay "
                                "(<source file='/path'/>)",
                                disk.vdev));
    if (disk.kind == DiskSnapshotKind::External && disk.overlay == disk.path)
        return fail(ErrorCode::Invalid,
                    fmt::format("<disks>: the overlay of disk {} is the image itself; name another",
                                disk.vdev));
    return {};
}

DiskRecord disk_record(const SnapshotXml &xml, const XmlDomainDisk &then, const XmlDisk *listed) {
    DiskRecord record;
    if (xml.extension) {
        const auto &known = xml.extension->disks;
        const auto found = std::ranges::find(known, then.disk.vdev, &DiskRecord::vdev);
        if (found != known.end())
            record = *found;
    }
    record.vdev = then.disk.vdev;
    record.path = then.disk.path;
    record.format = then.disk.format;
    record.writable = then.disk.writable;
    record.kind = listed != nullptr && listed->kind ? *listed->kind : default_kind(xml, then);
    if (record.kind != DiskSnapshotKind::Internal)
        record.tag.clear();
    else if (record.tag.empty())
        record.tag = xml.name;
    if (listed != nullptr && record.kind == DiskSnapshotKind::External) {
        record.overlay = listed->path;
        record.overlay_format =
            listed->format == DiskFormat::Unknown ? DiskFormat::Qcow2 : listed->format;
    }
    return record;
}

Result<std::vector<DiskRecord>> disk_records(const SnapshotXml &xml,
                                             const RedefinitionFacts &facts) {
    const std::vector<XmlDomainDisk> then = disks_then(xml, facts);
    std::vector<Disk> disks(then.size());
    std::ranges::transform(then, disks.begin(), &XmlDomainDisk::disk);
    XLSNAP_ASSIGN(const std::vector<XmlDisk> listed, aligned_disks(xml.disks, disks));
    Refusals refusals;
    std::vector<DiskRecord> records;
    for (const XmlDomainDisk &disk : then) {
        if (disk.disk.path.empty())
            continue;
        const auto found = std::ranges::find(listed, disk.disk.vdev, &XmlDisk::name);
        records.push_back(disk_record(xml, disk, found == listed.end() ? nullptr : &*found));
        refusals.add(check_disk(records.back()));
    }
    XLSNAP_TRY(refusals.status());
    return records;
}

// A domain is built from it at a revert.
Status check_config(const SnapshotRecord &record) {
    if (record.config_json.empty())
        return {};
    XLSNAP_ASSIGN(const Json config, parse_json(record.config_json));
    const Json *c_info = config.find("c_info");
    const std::string *uuid = c_info == nullptr ? nullptr : c_info->find_string("uuid");
    if (uuid != nullptr && *uuid != record.domain_uuid)
        return fail(ErrorCode::Invalid,
                    fmt::format("<config>: it is of the domain {:?}, and the snapshot is of {}",
                                *uuid, record.domain_uuid));
    return {};
}

void set_domain(SnapshotRecord &record, const SnapshotXml &xml, const RedefinitionFacts &facts) {
    record.domain_name = facts.name;
    record.domain_uuid = facts.uuids.empty() ? std::string() : facts.uuids.front();
    if (xml.domain && !xml.domain->name.empty())
        record.domain_name = xml.domain->name;
    if (xml.domain && !xml.domain->uuid.empty())
        record.domain_uuid = xml.domain->uuid;
    if (xml.extension)
        record.config_json = xml.extension->config_json;
}

} // namespace

Result<SnapshotRecord> redefined_record(const SnapshotXml &xml, const RedefinitionFacts &facts) {
    if (!xml.state || !xml.creation_time)
        return fail(ErrorCode::Invalid,
                    "a snapshot that is there already needs its <state> and its "
                    "<creationTime>");
    XLSNAP_TRY(check_redefinition(xml, facts.uuids, facts.snapshots));
    SnapshotRecord record;
    record.name = xml.name;
    record.description = xml.description;
    record.creation_time = *xml.creation_time;
    if (const SnapshotRecord *parent = find_snapshot(facts.snapshots, xml.parent))
        record.parent_id = parent->id;
    set_domain(record, xml, facts);
    if (const SnapshotRecord *known = find_snapshot(facts.snapshots, xml.name)) {
        record.id = known->id;
        if (record.config_json.empty())
            record.config_json = known->config_json;
    }
    XLSNAP_TRY(check_config(record));
    record.memory = memory_of(xml, facts);
    set_state(record, xml);
    XLSNAP_ASSIGN(record.disks, disk_records(xml, facts));
    return record;
}

} // namespace xlsnap
