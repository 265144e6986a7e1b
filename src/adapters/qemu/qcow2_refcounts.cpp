// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/qemu/qcow2_refcounts.hpp"

#include <array>
#include <utility>

#include "base/byte_order.hpp"

namespace xlsnap {

namespace {

// Blocks that are not there count too. As many as ClusterCounts has clusters, of 16 bits each.
constexpr std::uint64_t kMostBytesOfBlocks = std::uint64_t{256} << 20;

// Bits 9 to 63 of an entry of the refcount table; the others are reserved.
constexpr std::uint64_t kRefcountBlockOffset = ~std::uint64_t{0x1ff};

// Refcount number `index` of the block, as the section "Host cluster management" lays them out:
// bytes are big endian, and of those that share a byte the first has the lowest bits.
std::uint64_t load_refcount(std::span<const std::byte> block, std::uint64_t index, unsigned order) {
    const auto offset = static_cast<std::size_t>((index << order) / 8);
    switch (order) {
    case 6:
        return load_big_endian<std::uint64_t>(block, offset);
    case 5:
        return load_big_endian<std::uint32_t>(block, offset);
    case 4:
        return load_big_endian<std::uint16_t>(block, offset);
    default: {
        const unsigned bits = 1U << order;
        const auto shift = static_cast<unsigned>((index << order) % 8);
        return std::to_integer<unsigned>(block[offset]) >> shift & ((1U << bits) - 1);
    }
    }
}

} // namespace

Result<std::uint64_t> Qcow2Refcounts::of(std::uint64_t cluster) {
    const unsigned bits_of_index = header_.cluster_bits + 3 - header_.refcount_order;
    const std::uint64_t index = cluster >> bits_of_index;
    auto found = blocks_.find(index);
    if (found == blocks_.end()) {
        if (blocks_.size() >= kMostBytesOfBlocks >> header_.cluster_bits)
            return fail(ErrorCode::NotImplemented,
                        "the image has more refcounts than xlsnap reads; give it larger clusters");
        XLSNAP_ASSIGN(Block block, read_block(index));
        found = blocks_.emplace(index, std::move(block)).first;
    }
    if (found->second.empty())
        return 0;
    return load_refcount(found->second, cluster - (index << bits_of_index), header_.refcount_order);
}

Result<Qcow2Refcounts::Block> Qcow2Refcounts::read_block(std::uint64_t index) const {
    Block block;
    if (index >= header_.refcount_table_entries)
        return block;
    std::array<std::byte, sizeof(std::uint64_t)> entry{};
    XLSNAP_TRY(file_.read(header_.refcount_table_offset + index * entry.size(), entry,
                          "the refcount table"));
    const auto offset = load_big_endian<std::uint64_t>(entry, 0) & kRefcountBlockOffset;
    if (offset == 0)
        return block;
    XLSNAP_TRY(expect_aligned(header_, offset, "a refcount block"));
    block.resize(header_.cluster_size());
    XLSNAP_TRY(file_.read(offset, block, "a refcount block"));
    return block;
}

} // namespace xlsnap
