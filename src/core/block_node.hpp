// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "core/domain.hpp"

namespace xlsnap {

// An internal disk snapshot as it stands in an image.
struct Tag {
    std::string id;
    std::string name;

    friend bool operator==(const Tag &, const Tag &) = default;
};

// A block node of QEMU that has an image open in the image's own format.
struct BlockNode {
    std::string name;
    std::string path;
    std::string driver; // "qcow2", "raw", ...
    bool writable = false;
    std::vector<Tag> tags;
};

// The nodes of one disk. An HVM guest that has not unplugged its emulated disks has two on the
// same image: the emulated one and the PV one (hw/block/xen-block.c in QEMU).
struct DiskNodes {
    std::string live;                // the guest's writes go through it
    std::vector<std::string> others; // open on the same image, idle now, used perhaps later
};

// Finds the nodes of `disk`: the PV node is called "<vdev>-<driver>", every other node on the same
// path is an emulated one. NotFound when QEMU has no node for the disk.
[[nodiscard]] Result<DiskNodes> find_disk_nodes(const Disk &disk, std::span<const BlockNode> nodes);

[[nodiscard]] const BlockNode *find_node(std::span<const BlockNode> nodes, std::string_view name);
[[nodiscard]] const Tag *find_tag(std::span<const Tag> tags, std::string_view name);

// The one tag of this name. qemu-img lets a name stand twice in an image; which of the two is meant
// is a guess that nobody should make for the user: Invalid. NotFound when there is none.
[[nodiscard]] Result<Tag> find_only_tag(std::span<const Tag> tags, std::string_view name);

} // namespace xlsnap
