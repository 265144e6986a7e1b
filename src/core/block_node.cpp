// SPDX-License-Identifier: LGPL-2.1-only
#include "core/block_node.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace xlsnap {

Result<DiskNodes> find_disk_nodes(const Disk &disk, std::span<const BlockNode> nodes) {
    const std::string driver(to_string(disk.format));
    const std::string pv_name = fmt::format("{}-{}", disk.vdev, driver);
    const BlockNode *pv = nullptr;
    std::vector<std::string> emulated;
    for (const BlockNode &node : nodes) {
        if (node.path != disk.path || node.driver != driver)
            continue;
        if (node.name == pv_name)
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
