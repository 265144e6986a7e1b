// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>

#include "base/result.hpp"
#include "core/snapshot_record.hpp"

namespace xlsnap {

// The snapshot as libvirt's <domainsnapshot>, which libvirt's schema accepts: <disks> has every
// disk, <domain> is the domain as the record's configuration has it, and in its <metadata> lies, in
// a namespace of ours, what libvirt has no word for. Without a configuration <domain> has libxl's
// defaults for what libvirt requires and the record does not tell. `parent_name` is empty for a
// root.
//
// Invalid when libvirt's XML has no place for something: a disk named as only Xen names it (d0p1),
// an image that is no absolute path, a character that XML cannot hold.
[[nodiscard]] Result<std::string> write_snapshot_xml(const SnapshotRecord &record,
                                                     const std::string &parent_name);

} // namespace xlsnap
