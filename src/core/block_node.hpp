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
    std::vector<Tag> tags = {};
    // Of the image that is read where this one holds nothing, as its header has it; empty: none.
    std::string backing_path = {};
};

// The nodes of one disk. An HVM guest that has not unplugged its emulated disks has two on the
// same image: the emulated one and the PV one (hw/block/xen-block.c in QEMU).
struct DiskNodes {
    std::string live;                // the guest's writes go through it
    std::vector<std::string> others; // open on the same image, idle now, used perhaps later
};

// A node that lays an overlay over another: whoever wrote through `below` writes through `name`.
struct NodeOverlay {
    std::string below;
    std::string name;
    std::string path; // a qcow2 image
};

// Finds the nodes of `disk` on its present path: the PV node is called "<vdev>-<driver>", or as
// name_overlays() calls it; every other one is an emulated one. Of a disk that the guest can write
// only nodes that QEMU can write through count: those of backing files are read-only, but for one
// that a job has written to. NotFound when QEMU has no node for the disk.
[[nodiscard]] Result<DiskNodes> find_disk_nodes(const Disk &disk, std::span<const BlockNode> nodes);

// An overlay for each node of the disk, all on the image at `path`, with names that
// find_disk_nodes() knows and no node has yet. Invalid when the vdev is no part of a node's name.
[[nodiscard]] Result<std::vector<NodeOverlay>> name_overlays(const Disk &disk,
                                                             const DiskNodes &found,
                                                             std::span<const BlockNode> nodes,
                                                             const std::string &path);

// The node and those below it, down to the one without a backing file. QEMU shows only the path of
// a backing file: Invalid when no node is on it, NotReady when more than one is.
[[nodiscard]] Result<std::vector<std::string>> find_chain(std::string_view node,
                                                          std::span<const BlockNode> nodes);

[[nodiscard]] const BlockNode *find_node(std::span<const BlockNode> nodes, std::string_view name);
[[nodiscard]] const Tag *find_tag(std::span<const Tag> tags, std::string_view name);

// The one tag of this name. qemu-img lets a name stand twice in an image; which of the two is meant
// is a guess that nobody should make for the user: Invalid. NotFound when there is none.
[[nodiscard]] Result<Tag> find_only_tag(std::span<const Tag> tags, std::string_view name);

} // namespace xlsnap
