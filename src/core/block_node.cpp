// SPDX-License-Identifier: LGPL-2.1-only
#include "core/block_node.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace xlsnap {

namespace {

// node_name of BlockDriverState has room for one more, the NUL (include/block/block_int-common.h).
constexpr std::size_t kMaxNodeNameBytes = 31;

std::string overlay_prefix(const Disk &disk, bool pv) {
    return fmt::format("xlsnap-{}-{}", disk.vdev, pv ? "pv" : "emulated");
}

bool is_pv_node(const Disk &disk, std::string_view name) {
    return name == fmt::format("{}-{}", disk.vdev, to_string(disk.format)) ||
           name.starts_with(overlay_prefix(disk, true));
}

// QEMU: a letter, then letters, digits and "-._" (id_wellformed in util/id.c). Ours begins with
// one.
bool fits_in_node_name(std::string_view vdev) {
    return !vdev.empty() && std::ranges::all_of(vdev, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    });
}

} // namespace

Result<DiskNodes> find_disk_nodes(const Disk &disk, std::span<const BlockNode> nodes) {
    const std::string driver(to_string(disk.format));
    const BlockNode *pv = nullptr;
    std::vector<std::string> emulated;
    for (const BlockNode &node : nodes) {
        if (node.path != disk.path || node.driver != driver || (disk.writable && !node.writable))
            continue;
        if (pv == nullptr && is_pv_node(disk, node.name))
            pv = &node;
        else
            emulated.push_back(node.name);
    }
    if (pv == nullptr && emulated.empty())
        return fail(ErrorCode::NotFound,
                    fmt::format("the domain's QEMU has no {} node on {}", driver, disk.path));
    if (emulated.empty())
        return DiskNodes{pv->name, {}};
    if (pv != nullptr && disk.frontend_connected)
        return DiskNodes{pv->name, std::move(emulated)};
    DiskNodes found{std::move(emulated.front()), {}};
    found.others.assign(std::next(emulated.begin()), emulated.end());
    if (pv != nullptr)
        found.others.push_back(pv->name);
    return found;
}

Result<std::vector<NodeOverlay>> name_overlays(const Disk &disk, const DiskNodes &found,
                                               std::span<const BlockNode> nodes,
                                               const std::string &path) {
    std::vector<std::string> below{found.live};
    below.insert(below.end(), found.others.begin(), found.others.end());
    std::vector<NodeOverlay> overlays;
    for (std::string &node : below) {
        const std::string prefix = overlay_prefix(disk, is_pv_node(disk, node));
        std::size_t number = 1;
        const auto is_taken = [&](const std::string &name) {
            return find_node(nodes, name) != nullptr ||
                   std::ranges::find(overlays, name, &NodeOverlay::name) != overlays.end();
        };
        std::string name = prefix + "1";
        while (is_taken(name))
            name = fmt::format("{}{}", prefix, ++number);
        if (!fits_in_node_name(disk.vdev) || name.size() > kMaxNodeNameBytes)
            return fail(ErrorCode::Invalid,
                        fmt::format("a node of QEMU cannot be named after disk '{}'", disk.vdev));
        overlays.push_back({std::move(node), std::move(name), path});
    }
    return overlays;
}

Result<std::vector<std::string>> find_chain(std::string_view node,
                                            std::span<const BlockNode> nodes) {
    std::vector<std::string> chain;
    const BlockNode *top = find_node(nodes, node);
    if (top == nullptr)
        return fail(ErrorCode::NotFound, fmt::format("QEMU has no block node {}", node));
    while (chain.size() < nodes.size()) {
        chain.push_back(top->name);
        if (top->backing_path.empty())
            return chain;
        const std::string &wanted = top->backing_path;
        const auto count = std::ranges::count(nodes, wanted, &BlockNode::path);
        if (count > 1)
            return fail(ErrorCode::NotReady,
                        fmt::format("QEMU has {} nodes on {}, so it cannot be told which one is "
                                    "below {}; try again when one disk alone uses it",
                                    count, wanted, top->name));
        if (count == 0)
            return fail(ErrorCode::Invalid,
                        fmt::format("QEMU shows no node on {}, the backing file "
                                    "of {}",
                                    wanted, top->name));
        top = &*std::ranges::find(nodes, wanted, &BlockNode::path);
    }
    return fail(ErrorCode::Invalid, fmt::format("the chain below {} has no end", node));
}

const BlockNode *find_node(std::span<const BlockNode> nodes, std::string_view name) {
    auto found = std::find_if(nodes.begin(), nodes.end(),
                              [&](const BlockNode &node) { return node.name == name; });
    return found == nodes.end() ? nullptr : &*found;
}

const Tag *find_tag(std::span<const Tag> tags, std::string_view name) {
    auto found =
        std::find_if(tags.begin(), tags.end(), [&](const Tag &tag) { return tag.name == name; });
    return found == tags.end() ? nullptr : &*found;
}

Result<Tag> find_only_tag(std::span<const Tag> tags, std::string_view name) {
    const auto count = std::ranges::count(tags, name, &Tag::name);
    if (count == 0)
        return fail(
            ErrorCode::NotFound,
            fmt::format("has no snapshot '{}'; qemu-img snapshot -l lists those it has", name));
    if (count > 1)
        return fail(ErrorCode::Invalid,
                    fmt::format("has {} snapshots named '{}'; tell them apart by qemu-img snapshot "
                                "-l and delete those you do not want",
                                count, name));
    return *find_tag(tags, name);
}

} // namespace xlsnap
