// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/domain.hpp"
#include "core/memory_compression.hpp"
#include "core/snapshot_record.hpp"

namespace xlsnap {

// What a <domainsnapshot> of libvirt says, as it was read: its values are well formed, what they
// mean for a domain is decided by xml_rules and xml_record. An element without text counts as
// missing, as in libvirt.

enum class XmlState { Running, Blocked, Paused, Shutdown, Shutoff, Crashed, DiskSnapshot };

enum class XmlMemory { Internal, External, None };

struct XmlDisk {
    int line = 0;     // of the element
    std::string name; // a vdev, or the path of an image of the domain
    // Nothing: whatever the domain's disk or the others are. A path or a format implies External.
    std::optional<DiskSnapshotKind> kind;
    std::string path; // the overlay of an external disk snapshot; empty: not said
    DiskFormat format = DiskFormat::Unknown; // of the overlay

    friend bool operator==(const XmlDisk &, const XmlDisk &) = default;
};

// A disk of the <domain> in the snapshot.
struct XmlDomainDisk {
    Disk disk;
    std::optional<DiskSnapshotKind> kind; // its attribute `snapshot`
};

struct XmlDomain {
    std::string uuid; // lower case, with dashes; empty: not said
    std::string name;
    std::vector<XmlDomainDisk> disks;
};

// What we write in a namespace of our own, since libvirt has no word for it.
struct XmlExtension {
    SnapshotState state = SnapshotState::Unknown;
    bool live = false;
    bool crash_consistent = false;
    bool is_protected = false;
    std::string program_version;
    std::string config_json;
    std::uint64_t memory_bytes = 0;
    std::string memory_sha256;
    MemoryCompression memory_compression = MemoryCompression::None;
    std::vector<DiskRecord> disks; // without what <disks> and <domain> say
};

struct SnapshotXml {
    std::string name;        // empty: not said
    std::string description; // empty: none
    std::optional<XmlMemory> memory;
    std::string memory_path; // absolute; of XmlMemory::External alone
    std::vector<XmlDisk> disks;
    std::optional<MemoryCompression> compression; // of the memory image

    // Of a redefinition alone; of the XML for a new snapshot they are not even read.
    std::optional<XmlState> state;
    std::optional<std::uint64_t> creation_time; // seconds since the epoch
    std::string parent;                         // empty: none
    std::optional<XmlDomain> domain;
    std::optional<XmlExtension> extension;
};

// libvirt's state of a snapshot. It has one of its own for the disks alone of a domain that is not
// shut off.
[[nodiscard]] XmlState xml_state(const SnapshotRecord &record);

// In which states a snapshot has no memory.
[[nodiscard]] inline bool is_offline(XmlState state) {
    return state == XmlState::Shutoff || state == XmlState::DiskSnapshot;
}

} // namespace xlsnap
