// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/qemu/qcow2_tag_walk.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "base/byte_order.hpp"

namespace xlsnap {

namespace {

constexpr std::uint32_t kMostL1Entries = (std::uint32_t{32} << 20) / sizeof(std::uint64_t);
// Beyond what ClusterCounts takes; a made-up image could have us read for days.
constexpr std::uint64_t kMostBytesOfL2 = std::uint64_t{4} << 30;

// Bits 9 to 55 of entries of L1 and L2 tables.
constexpr std::uint64_t kClusterOffset = 0x00ff'ffff'ffff'fe00;
constexpr std::uint64_t kIsCompressed = std::uint64_t{1} << 62;
constexpr std::uint64_t kSector = 512;

tl::unexpected<Error> two_tables_at(std::uint64_t offset) {
    return fail(
        ErrorCode::Invalid,
        fmt::format("two tables at byte {}; look at the image with qemu-img check", offset));
}

} // namespace

// What comes is counted before what goes, so that what both have never leaves the counts.
Status Qcow2TagWalk::move_to(const Qcow2Tag &tag) {
    XLSNAP_ASSIGN(Tables next, read_tables(tag));
    XLSNAP_TRY(count_tables(next, tables_, &ClusterUsage::add));
    XLSNAP_TRY(count_tables(tables_, next, &ClusterUsage::remove));
    tables_ = std::move(next);
    return {};
}

Result<Qcow2TagWalk::Tables> Qcow2TagWalk::read_tables(const Qcow2Tag &tag) const {
    XLSNAP_ASSIGN(const std::vector<std::byte> l1, read_l1(tag));
    Tables tables{{tag.l1_offset, l1.size()}, {}};
    for (std::size_t at = 0; at < l1.size(); at += sizeof(std::uint64_t)) {
        const std::uint64_t offset = load_big_endian<std::uint64_t>(l1, at) & kClusterOffset;
        if (offset != 0)
            tables.l2.push_back(offset);
    }
    std::ranges::sort(tables.l2);
    XLSNAP_TRY(check_l2(tables));
    return tables;
}

Result<std::vector<std::byte>> Qcow2TagWalk::read_l1(const Qcow2Tag &tag) const {
    if (tag.l1_entries > kMostL1Entries)
        return fail(ErrorCode::Invalid,
                    fmt::format("an L1 table of {} entries; QEMU has at most {}", tag.l1_entries,
                                kMostL1Entries));
    XLSNAP_TRY(expect_aligned(header_, tag.l1_offset, "an L1 table"));
    const std::uint64_t bytes = tag.l1_entries * sizeof(std::uint64_t);
    XLSNAP_TRY(file_.expect_inside(tag.l1_offset, bytes, "an L1 table"));
    std::vector<std::byte> l1(bytes);
    XLSNAP_TRY(file_.read(tag.l1_offset, l1, "an L1 table"));
    return l1;
}

// Each is there once, so that none is read twice for a tag.
Status Qcow2TagWalk::check_l2(const Tables &tables) const {
    for (const std::uint64_t offset : tables.l2) {
        XLSNAP_TRY(expect_aligned(header_, offset, "an L2 table"));
        if (offset - tables.l1.offset < tables.l1.bytes)
            return two_tables_at(offset);
    }
    const auto twice = std::ranges::adjacent_find(tables.l2);
    if (twice != tables.l2.end())
        return two_tables_at(*twice);
    if (tables.l2.size() * header_.cluster_size() > kMostBytesOfL2)
        return fail(
            ErrorCode::NotImplemented,
            fmt::format("the tag has {} L2 tables, more than xlsnap reads", tables.l2.size()));
    return {};
}

// Those that the others have not. The L1 table is a tag's own.
Status Qcow2TagWalk::count_tables(const Tables &tables, const Tables &others, Count count) {
    XLSNAP_TRY(count_extent(tables.l1, count));
    std::vector<std::uint64_t> own;
    std::ranges::set_difference(tables.l2, others.l2, std::back_inserter(own));
    std::vector<std::byte> table(own.empty() ? 0 : header_.cluster_size());
    for (const std::uint64_t offset : own) {
        XLSNAP_TRY((usage_.*count)(cluster_of(offset)));
        XLSNAP_TRY(file_.read(offset, table, "an L2 table"));
        XLSNAP_TRY(count_entries(table, count));
    }
    return {};
}

// With the extended L2 entries of the section of that name, the first half of each says the same as
// a standard one; the bitmap behind it moves no data.
Status Qcow2TagWalk::count_entries(std::span<const std::byte> table, Count count) {
    const std::size_t entry_size = sizeof(std::uint64_t) * (header_.has_extended_l2 ? 2 : 1);
    for (std::size_t at = 0; at < table.size(); at += entry_size) {
        const auto entry = load_big_endian<std::uint64_t>(table, at);
        XLSNAP_TRY((entry & kIsCompressed) != 0 ? count_compressed(entry, count)
                                                : count_standard(entry, count));
    }
    return {};
}

// A cluster that reads as zeros counts too when it has a place in the file.
Status Qcow2TagWalk::count_standard(std::uint64_t entry, Count count) {
    const std::uint64_t offset = entry & kClusterOffset;
    if (offset == 0)
        return {};
    XLSNAP_TRY(expect_aligned(header_, offset, "data"));
    XLSNAP_TRY(file_.expect_inside(offset, 1, "data")); // the last cluster may be cut off
    return (usage_.*count)(cluster_of(offset));
}

// "Compressed Clusters Descriptor": the data begin at any byte, have so many sectors more than the
// one in which they begin, and count once in each cluster in which they lie.
Status Qcow2TagWalk::count_compressed(std::uint64_t entry, Count count) {
    const unsigned bits_of_offset = 62 - (header_.cluster_bits - 8);
    const std::uint64_t offset = entry & ((std::uint64_t{1} << bits_of_offset) - 1);
    const std::uint64_t more_sectors =
        (entry & ~kIsCompressed & ~(std::uint64_t{1} << 63)) >> bits_of_offset;
    XLSNAP_TRY(file_.expect_inside(offset, 1, "compressed data"));
    return count_extent({offset, (more_sectors + 1) * kSector - offset % kSector}, count);
}

Status Qcow2TagWalk::count_extent(const Extent &extent, Count count) {
    for (std::uint64_t cluster = cluster_of(extent.offset);
         cluster << header_.cluster_bits < extent.offset + extent.bytes; ++cluster)
        XLSNAP_TRY((usage_.*count)(cluster));
    return {};
}

} // namespace xlsnap
