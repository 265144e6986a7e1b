// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "core/snapshot_xml.hpp"

namespace xlsnap {

// libvirt's rules for a <domainsnapshot> that need the domain. Every reason against it is told.

// The disks that the XML names, each by its vdev: it may name one by the path of its image. Invalid
// when the domain has no such disk or one is named twice.
[[nodiscard]] Result<std::vector<XmlDisk>> aligned_disks(const std::vector<XmlDisk> &xml_disks,
                                                         const std::vector<Disk> &domain_disks);

// Whether there can be a new snapshot as the XML says: its disks are the domain's, and it asks for
// no memory where there is none.
[[nodiscard]] Status check_new_snapshot(const SnapshotXml &xml, const std::vector<Disk> &disks,
                                        bool domain_runs, bool disk_only);

// Whether the record that the XML makes fits in the domain's snapshots: it is of this domain (of
// one of `uuids`), its parent is there and does not descend from it, and a snapshot that it
// replaces stays with or without memory, of a domain that runs or does not.
[[nodiscard]] Status check_redefinition(const SnapshotXml &xml,
                                        const std::vector<std::string> &uuids,
                                        const std::vector<SnapshotRecord> &snapshots);

// The snapshot of this name; nullptr when there is none.
[[nodiscard]] const SnapshotRecord *find_snapshot(const std::vector<SnapshotRecord> &snapshots,
                                                  const std::string &name);

} // namespace xlsnap
