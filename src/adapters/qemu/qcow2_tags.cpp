// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/qemu/qcow2_tags.hpp"

#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/byte_order.hpp"
#include "core/block_node.hpp"

namespace xlsnap {

namespace {

constexpr std::uint64_t kMostBytesOfTags = std::uint64_t{64} << 20;
constexpr std::uint32_t kMostExtraData = 1024;
constexpr std::string_view kTagTable = "the snapshot table";

// An entry of the section "Snapshots".
struct TagEntry {
    Qcow2Tag tag = {};
    std::uint64_t end = 0;
};

Result<TagEntry> read_tag_entry(const Qcow2File &file, std::uint64_t offset) {
    std::array<std::byte, 40> bytes{};
    XLSNAP_TRY(file.read(offset, bytes, kTagTable));
    const auto extra_data = load_big_endian<std::uint32_t>(bytes, 36);
    if (extra_data > kMostExtraData)
        return fail(ErrorCode::Invalid,
                    fmt::format("{} bytes of extra data in {}; QEMU has at most {}", extra_data,
                                kTagTable, kMostExtraData));
    std::string name(load_big_endian<std::uint16_t>(bytes, 14), '\0');
    const std::uint64_t name_offset =
        offset + bytes.size() + extra_data + load_big_endian<std::uint16_t>(bytes, 12);
    XLSNAP_TRY(file.read(name_offset, std::as_writable_bytes(std::span(name)), kTagTable));
    TagEntry entry;
    entry.end = (name_offset + name.size() + 7) & ~std::uint64_t{7};
    entry.tag = {std::move(name), load_big_endian<std::uint64_t>(bytes, 0),
                 load_big_endian<std::uint32_t>(bytes, 8)};
    return entry;
}

} // namespace

Result<std::vector<Qcow2Tag>> read_qcow2_tags(const Qcow2File &file, const Qcow2Header &header) {
    std::vector<Qcow2Tag> tags;
    std::uint64_t offset = header.snapshots_offset;
    for (std::uint32_t i = 0; i < header.snapshots; ++i) {
        XLSNAP_ASSIGN(TagEntry entry, read_tag_entry(file, offset));
        offset = entry.end;
        if (offset - header.snapshots_offset > kMostBytesOfTags)
            return fail(
                ErrorCode::Invalid,
                fmt::format("{} has more than the {} bytes that QEMU has at most; look at the "
                            "image with qemu-img check",
                            kTagTable, kMostBytesOfTags));
        tags.push_back(std::move(entry.tag));
    }
    return tags;
}

Result<Qcow2Tag> find_qcow2_tag(std::span<const Qcow2Tag> tags, const std::string &name) {
    std::vector<Tag> found;
    Qcow2Tag wanted;
    for (const Qcow2Tag &tag : tags)
        if (tag.name == name) {
            found.push_back({{}, name});
            wanted = tag;
        }
    XLSNAP_TRY(find_only_tag(found, name));
    return wanted;
}

} // namespace xlsnap
