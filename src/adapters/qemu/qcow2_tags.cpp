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

constexpr std::uint64_t kBytesOfEntry = 40;
constexpr std::uint64_t kOffsetOfDiskSize = 8; // in the extra data

// An entry of the section "Snapshots".
struct TagEntry {
    Qcow2Tag tag = {};
    std::uint64_t end = 0;
};

Result<std::string> read_text(const Qcow2File &file, std::uint64_t offset, std::uint64_t length) {
    std::string text(length, '\0');
    XLSNAP_TRY(file.read(offset, std::as_writable_bytes(std::span(text)), kTagTable));
    return text;
}

Result<std::uint64_t> read_disk_size(const Qcow2File &file, std::uint64_t extra_data,
                                     std::uint32_t length) {
    std::array<std::byte, sizeof(std::uint64_t)> bytes{};
    if (length < kOffsetOfDiskSize + bytes.size())
        return 0;
    XLSNAP_TRY(file.read(extra_data + kOffsetOfDiskSize, bytes, kTagTable));
    return load_big_endian<std::uint64_t>(bytes, 0);
}

Result<TagEntry> read_tag_entry(const Qcow2File &file, std::uint64_t offset) {
    std::array<std::byte, kBytesOfEntry> bytes{};
    XLSNAP_TRY(file.read(offset, bytes, kTagTable));
    const auto extra_data = load_big_endian<std::uint32_t>(bytes, 36);
    if (extra_data > kMostExtraData)
        return fail(ErrorCode::Invalid,
                    fmt::format("{} bytes of extra data in {}; QEMU has at most {}", extra_data,
                                kTagTable, kMostExtraData));
    const auto id_length = load_big_endian<std::uint16_t>(bytes, 12);
    const auto name_length = load_big_endian<std::uint16_t>(bytes, 14);
    const std::uint64_t id_offset = offset + bytes.size() + extra_data;
    TagEntry entry;
    entry.tag.l1_offset = load_big_endian<std::uint64_t>(bytes, 0);
    entry.tag.l1_entries = load_big_endian<std::uint32_t>(bytes, 8);
    XLSNAP_ASSIGN(entry.tag.virtual_bytes, read_disk_size(file, offset + bytes.size(), extra_data));
    XLSNAP_ASSIGN(entry.tag.id, read_text(file, id_offset, id_length));
    XLSNAP_ASSIGN(entry.tag.name, read_text(file, id_offset + id_length, name_length));
    entry.end = (id_offset + id_length + name_length + 7) & ~std::uint64_t{7};
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
            found.push_back({tag.id, name});
            wanted = tag;
        }
    XLSNAP_TRY(find_only_tag(found, name));
    return wanted;
}

} // namespace xlsnap
