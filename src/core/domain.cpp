// SPDX-License-Identifier: LGPL-2.1-only
#include "core/domain.hpp"

#include <algorithm>

namespace xlsnap {

std::string_view to_string(DiskFormat format) {
    switch (format) {
    case DiskFormat::Unknown:
        return "unknown";
    case DiskFormat::Qcow:
        return "qcow";
    case DiskFormat::Qcow2:
        return "qcow2";
    case DiskFormat::Vhd:
        return "vhd";
    case DiskFormat::Raw:
        return "raw";
    case DiskFormat::Empty:
        return "empty";
    case DiskFormat::Qed:
        return "qed";
    }
    return "unknown";
}

std::string_view to_string(DiskBackend backend) {
    switch (backend) {
    case DiskBackend::Unknown:
        break;
    case DiskBackend::Phy:
        return "phy";
    case DiskBackend::Tap:
        return "tap";
    case DiskBackend::Qdisk:
        return "qdisk";
    case DiskBackend::Standalone:
        return "standalone (virtio)";
    }
    return "an unknown back end";
}

std::string_view to_string(RunState state) {
    switch (state) {
    case RunState::Running:
        return "running";
    case RunState::Paused:
        return "paused";
    case RunState::Suspended:
        return "suspended";
    case RunState::Shutdown:
        return "shut down";
    case RunState::Dying:
        return "dying";
    }
    return "unknown";
}

bool has_image(const Disk &disk) {
    return disk.format != DiskFormat::Empty && !disk.path.empty();
}

bool is_changeable(const Disk &disk) {
    return has_image(disk) && disk.writable && !disk.cdrom;
}

bool holds_tags(DiskFormat format) {
    return format == DiskFormat::Qcow2;
}

bool carries_overlay(DiskFormat format) {
    return format == DiskFormat::Qcow2 || format == DiskFormat::Raw;
}

const Disk *find_disk(const Domain &domain, std::string_view vdev) {
    auto found = std::find_if(domain.disks.begin(), domain.disks.end(),
                              [&](const Disk &disk) { return disk.vdev == vdev; });
    return found == domain.disks.end() ? nullptr : &*found;
}

} // namespace xlsnap
