// SPDX-License-Identifier: LGPL-2.1-only
#include "core/snapshot_xml.hpp"

namespace xlsnap {

XmlState xml_state(const SnapshotRecord &record) {
    if (record.state == SnapshotState::Inactive)
        return XmlState::Shutoff;
    if (is_disk_only(record))
        return XmlState::DiskSnapshot;
    switch (record.state) {
    case SnapshotState::Blocked:
        return XmlState::Blocked;
    case SnapshotState::Paused:
        return XmlState::Paused;
    case SnapshotState::Shutdown:
    case SnapshotState::Dying:
        return XmlState::Shutdown;
    default:
        return XmlState::Running;
    }
}

} // namespace xlsnap
