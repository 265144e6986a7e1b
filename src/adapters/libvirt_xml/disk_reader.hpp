// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <vector>

#include "adapters/libvirt_xml/element.hpp"
#include "base/result.hpp"
#include "core/snapshot_xml.hpp"

namespace xlsnap {

// <driver type='…'/> and <source file='…'/> or <source dev='…'/> in a <disk>.
struct XmlImage {
    std::string path;                        // empty: not said
    DiskFormat format = DiskFormat::Unknown; // not said
};
[[nodiscard]] Result<XmlImage> read_image(const XmlElement &disk);

// <disk snapshot='…'>; nothing when it is not said.
[[nodiscard]] Result<std::optional<DiskSnapshotKind>> read_disk_kind(const XmlElement &disk);

[[nodiscard]] Result<std::vector<XmlDisk>> read_snapshot_disks(const XmlElement &disks);

} // namespace xlsnap
