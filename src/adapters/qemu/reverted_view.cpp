// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/qemu/reverted_view.hpp"

#include "adapters/qemu/empty_overlay.hpp"
#include "adapters/qemu/image_options.hpp"

namespace xlsnap {

namespace {

constexpr std::uint64_t kUnitOfFile = 512;

// Tables take most with clusters of 512 bytes: 8 bytes for each.
constexpr std::uint64_t kLeastDataOfTables = 512 / 8;
constexpr std::uint64_t kRoom = std::uint64_t{1} << 30U;

} // namespace

Status fill_changes(const NewImage &changes, const ChainLayer &image, std::uint64_t virtual_bytes) {
    const std::uint64_t end = (image.mark.bytes + kUnitOfFile - 1) / kUnitOfFile * kUnitOfFile;
    const std::uint64_t room =
        (virtual_bytes / kLeastDataOfTables + kRoom) / kUnitOfFile * kUnitOfFile;
    XLSNAP_ASSIGN(const std::string content,
                  empty_overlay(image.path, DiskFormat::Raw, end + room));
    return changes.write(content);
}

Result<std::string> view_options(const NewImage &changes, const ImageChain &chain) {
    XLSNAP_ASSIGN(const std::string file,
                  image_options(changes.temporary_path(), DiskFormat::Qcow2, "file."));
    std::string options = "driver=qcow2," + file;
    if (chain.size() > 1) {
        XLSNAP_ASSIGN(const std::string below,
                      image_options(chain[1].path, chain[1].format, "backing."));
        options += "," + below;
    }
    return options;
}

} // namespace xlsnap
