// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/qemu/qcow2_refcounts.hpp"

#include <array>

#include "base/byte_order.hpp"

namespace xlsnap {

namespace {

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
    const std::uint64_t block = cluster >> bits_of_index;
    if (loaded_ != block)
        XLSNAP_TRY(load_block(block));
    if (block_.empty())
        return 0;
    return load_refcount(block_, cluster - (block << bits_of_index), header_.refcount_order);
}

Status Qcow2Refcounts::load_block(std::uint64_t index) {
    loaded_.reset();
    block_.clear();
    std::uint64_t offset = 0;
    if (index < header_.refcount_table_entries) {
        std::array<std::byte, sizeof(std::uint64_t)> entry{};
        XLSNAP_TRY(file_.read(header_.refcount_table_offset + index * entry.size(), entry,
                              "the refcount table"));
        offset = load_big_endian<std::uint64_t>(entry, 0) & kRefcountBlockOffset;
    }
    if (offset != 0) {
        XLSNAP_TRY(expect_aligned(header_, offset, "a refcount block"));
        block_.resize(header_.cluster_size());
        XLSNAP_TRY(file_.read(offset, block_, "a refcount block"));
    }
    loaded_ = index;
    return {};
}

} // namespace xlsnap
