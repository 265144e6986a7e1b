// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstdint>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "core/block_node.hpp"

namespace xlsnap {

// QAPI types of qapi/block-core.json in qemu.git, read with the type of every field checked
// (Invalid). Both QMP and `qemu-img info --output=json` print them.

// The tags of an ImageInfo.
[[nodiscard]] Result<std::vector<Tag>> read_tags(const Json &image_info);

// Bytes that a guest sees.
[[nodiscard]] Result<std::uint64_t> read_virtual_size(const Json &image_info);

// The nodes among an array of BlockDeviceInfo that have an image open in one of the formats that a
// disk of a domain can have. Protocol nodes ("file") and filters have no snapshots of their own.
[[nodiscard]] Result<std::vector<BlockNode>> read_nodes(const Json &block_device_infos);

} // namespace xlsnap
