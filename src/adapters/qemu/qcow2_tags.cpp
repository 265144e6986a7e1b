// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/qemu/qcow2_tags.hpp"

#include <array>
#include <vector>

#include <fmt/format.h>

#include "base/byte_order.hpp"
#include "core/block_node.hpp"

namespace xlsnap {

namespace {

constexpr std::uint64_t kMostBytesOfTags = std::uint64_t{64} << 20;
constexpr std::uint32_t kMostExtraData = 1024;
constexpr std::string_view kTagTable = "the snapshot table";

// An entry of the section "Snapshots", with what is before its name.
struct TagEntry {
    Qcow2Tag tag;
    std::uint64_t name_offset = 0;
    std::uint64_t name_length = 0;
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
    TagEntry entry;
    entry.tag.l1_offset = load_big_endian<std::uint64_t>(bytes, 0);
    entry.tag.l1_entries = load_big_endian<std::uint32_t>(bytes, 8);
    entry.name_offset =
        offset + bytes.size() + extra_data + load_big_endian<std::uint16_t>(bytes, 12);
    entry.name_length = load_big_endian<std::uint16_t>(bytes, 14);
    entry.end = (entry.name_offset + entry.name_length + 7) & ~std::uint64_t{7};
    return entry;
}

Result<bool> is_named(const Qcow2File &file, const TagEntry &entry, const std::string &name) {
    if (entry.name_length != name.size())
        return false;
    std::string found(name.size(), '\0');
    XLSNAP_TRY(file.read(entry.name_offset, std::as_writable_bytes(std::span(found)), kTagTable));
    return found == name;
}

} // namespace

Result<Qcow2Tag> find_qcow2_tag(const Qcow2File &file, const Qcow2Header &header,
                                const std::string &name) {
    Qcow2Tag wanted;
    std::vector<Tag> found;
    std::uint64_t offset = header.snapshots_offset;
    for (std::uint32_t i = 0; i < header.snapshots; ++i) {
        XLSNAP_ASSIGN(const TagEntry entry, read_tag_entry(file, offset));
        offset = entry.end;
        if (offset - header.snapshots_offset > kMostBytesOfTags)
            return fail(
                ErrorCode::Invalid,
                fmt::format("{} has more than the {} bytes that QEMU has at most; look at the "
                            "image with qemu-img check",
                            kTagTable, kMostBytesOfTags));
        XLSNAP_ASSIGN(const bool is_wanted, is_named(file, entry, name));
        if (!is_wanted)
            continue;
        wanted = entry.tag;
        found.push_back({{}, name});
    }
    XLSNAP_TRY(find_only_tag(found, name));
    return wanted;
}

} // namespace xlsnap
