// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/qemu/image_info.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>

#include <fmt/format.h>

namespace xlsnap {

namespace {

// QEMU's drivers for the disk formats of libxl (libxl_disk_format in xen.git).
constexpr std::string_view kFormatDrivers[] = {"raw", "qcow", "qcow2", "vpc", "qed"};

bool is_format_driver(std::string_view driver) {
    return std::find(std::begin(kFormatDrivers), std::end(kFormatDrivers), driver) !=
           std::end(kFormatDrivers);
}

tl::unexpected<Error> unexpected_shape(std::string_view what) {
    return fail(ErrorCode::Invalid, fmt::format("QEMU described {} in an unknown way", what));
}

Result<BlockNode> read_node(const Json &info, const std::string &name, const std::string &driver) {
    const std::string *path = info.find_string("file");
    const Json *read_only = info.find("ro");
    const Json *image = info.find("image");
    if (path == nullptr || read_only == nullptr || read_only->as_bool() == nullptr ||
        image == nullptr)
        return unexpected_shape("a block node");
    const Json *backing = image->find("full-backing-filename"); // left out when there is none
    if (backing != nullptr && backing->as_string() == nullptr)
        return unexpected_shape("the backing file of a block node");
    XLSNAP_ASSIGN(std::vector<Tag> tags, read_tags(*image));
    return BlockNode{name,
                     *path,
                     driver,
                     !*read_only->as_bool(),
                     std::move(tags),
                     backing == nullptr ? std::string() : *backing->as_string()};
}

} // namespace

Result<std::uint64_t> read_virtual_size(const Json &image_info) {
    const Json *size = image_info.find("virtual-size");
    if (size == nullptr || size->as_integer() == nullptr || *size->as_integer() < 0)
        return unexpected_shape("the size of an image");
    return static_cast<std::uint64_t>(*size->as_integer());
}

Result<std::vector<Tag>> read_tags(const Json &image_info) {
    if (image_info.as_object() == nullptr)
        return unexpected_shape("an image");
    const Json *snapshots = image_info.find("snapshots");
    if (snapshots == nullptr) // left out when there is none
        return std::vector<Tag>();
    if (snapshots->as_array() == nullptr)
        return unexpected_shape("the snapshots of an image");
    std::vector<Tag> tags;
    for (const Json &snapshot : *snapshots->as_array()) {
        const std::string *id = snapshot.find_string("id");
        const std::string *name = snapshot.find_string("name");
        if (id == nullptr || name == nullptr)
            return unexpected_shape("a snapshot");
        tags.push_back({*id, *name});
    }
    return tags;
}

Result<std::vector<BlockNode>> read_nodes(const Json &block_device_infos) {
    const Json::Array *infos = block_device_infos.as_array();
    if (infos == nullptr)
        return unexpected_shape("its block nodes");
    std::vector<BlockNode> nodes;
    for (const Json &info : *infos) {
        const std::string *name = info.find_string("node-name");
        const std::string *driver = info.find_string("drv");
        if (name == nullptr || driver == nullptr)
            return unexpected_shape("a block node");
        if (!is_format_driver(*driver))
            continue;
        XLSNAP_ASSIGN(BlockNode node, read_node(info, *name, *driver));
        nodes.push_back(std::move(node));
    }
    return nodes;
}

} // namespace xlsnap
