// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "core/snapshot_xml.hpp"

namespace xlsnap {

// The domain that a redefinition is for.
struct RedefinitionFacts {
    // By which it is known, the one to record first: XML without a <domain> names none.
    std::vector<std::string> uuids;
    std::string name;
    std::vector<Disk> disks;               // now; read when the XML has no <domain>
    std::vector<SnapshotRecord> snapshots; // that the catalog has
    // Where the catalog keeps the memory image of the snapshot: for <memory snapshot='internal'>.
    std::string kept_memory;
};

// The record that a <domainsnapshot> read for a redefinition makes. What the XML shows to libvirt
// counts; our extension adds what libvirt has no word for. An internal disk snapshot of which
// nobody says the tag is named as the snapshot, as libvirt does it. The id is that of the snapshot
// that the record replaces, or empty; size and digest of a memory image may be missing (0, empty).
//
// Invalid when check_redefinition() refuses it, when it leaves a disk open, when a disk snapshot
// cannot be as it says, and when the configuration in it is another domain's.
[[nodiscard]] Result<SnapshotRecord> redefined_record(const SnapshotXml &xml,
                                                      const RedefinitionFacts &facts);

} // namespace xlsnap
