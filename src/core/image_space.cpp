// SPDX-License-Identifier: LGPL-2.1-only
#include "core/image_space.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace xlsnap {

namespace {

constexpr std::uint64_t kMib = std::uint64_t{1} << 20U;
constexpr std::uint64_t kClusterOfOurs = 65536; // what qemu-img gives a new qcow2 image

// Header, refcount table and block, first level table: what every qcow2 image has, and room for it
// to grow.
constexpr std::uint64_t kFixedClusters = 8;
constexpr std::uint64_t kBytesOfEntry = 8; // second level table
constexpr std::uint64_t kBytesOfRefcount = 2;

// The least that a layer allocates at one place.
constexpr std::uint64_t kLeastPieceOfQcow2 = 512;
constexpr std::uint64_t kPieceOfRaw = 4096; // a block of the file system

std::uint64_t round_up(std::uint64_t bytes, std::uint64_t unit) {
    return (bytes + unit - 1) / unit * unit;
}

// A cluster of the target is taken as a whole for the least piece that is written to it. No layer
// holds more than its virtual size, however it is scattered.
std::uint64_t data_of(const ChainLayer &layer, std::uint64_t cluster) {
    const std::uint64_t unit = std::max<std::uint64_t>(cluster, 1);
    const std::uint64_t piece =
        layer.cluster_bytes == 0 ? kPieceOfRaw : std::max(layer.cluster_bytes, kLeastPieceOfQcow2);
    const std::uint64_t all = round_up(layer.virtual_bytes, unit);
    if (piece >= cluster)
        return std::min(all, round_up(layer.allocated_bytes, unit));
    const std::uint64_t pieces = layer.allocated_bytes / piece + 1;
    return pieces > all / cluster ? all : pieces * cluster;
}

// The tables for so many bytes of data, which may lie anywhere.
std::uint64_t tables_for(std::uint64_t data, std::uint64_t virtual_bytes, std::uint64_t cluster) {
    const std::uint64_t all =
        round_up(virtual_bytes / cluster * (kBytesOfEntry + kBytesOfRefcount), cluster);
    return std::min(data, all) + kFixedClusters * cluster;
}

std::uint64_t bytes_with_tables(std::span<const ChainLayer> moved, std::uint64_t virtual_bytes,
                                std::uint64_t cluster) {
    std::uint64_t data = 0;
    for (const ChainLayer &layer : moved)
        data += data_of(layer, cluster);
    data = std::min(data, round_up(virtual_bytes, std::max<std::uint64_t>(cluster, 1)));
    return cluster == 0 ? data : data + tables_for(data, virtual_bytes, cluster);
}

} // namespace

std::uint64_t bytes_for_merge(std::span<const ChainLayer> moved, const ChainLayer &target,
                              std::uint64_t virtual_bytes) {
    if (moved.empty() || target.mark.inode == 0)
        return 0;
    return bytes_with_tables(moved, virtual_bytes, target.cluster_bytes);
}

std::uint64_t bytes_for_copy(std::span<const ChainLayer> chain) {
    return chain.empty() ? 0
                         : bytes_with_tables(chain, chain.front().virtual_bytes, kClusterOfOurs);
}

// A table takes a cluster of the overlay as a whole, wherever it lies. Those of the tag change, and
// those of the present state, which grows to the tag's size first.
std::uint64_t bytes_for_revert(const ChainLayer &image, std::uint64_t virtual_bytes) {
    const std::uint64_t cluster = std::max<std::uint64_t>(image.cluster_bytes, 1);
    const std::uint64_t entry = image.extended_l2 ? 2 * kBytesOfEntry : kBytesOfEntry;
    const std::uint64_t entries = std::max(image.virtual_bytes, virtual_bytes) / cluster + 1;
    const std::uint64_t tables = 2 * (entries * (entry + kBytesOfRefcount) / cluster + 1);
    return (tables + 2 * kFixedClusters) * std::max(cluster, kClusterOfOurs);
}

void SpaceNeeds::take(const std::string &path, std::uint64_t bytes, const FreeSpace &free) {
    Taken &taken = taken_[free.file_system];
    taken.paths.push_back(path);
    taken.bytes += std::min(bytes, UINT64_MAX - taken.bytes);
    if (taken.refused)
        return;
    const Status enough =
        expect_space(fmt::format("{}", fmt::join(taken.paths, " and ")), taken.bytes, free.bytes);
    taken.refused = !enough;
    refusals_.add(enough);
}

void SpaceNeeds::give_back(std::uint64_t bytes, const FreeSpace &free) {
    Taken &taken = taken_[free.file_system];
    taken.bytes -= std::min(bytes, taken.bytes);
}

Status expect_space(const std::string &path, std::uint64_t needed, std::uint64_t free_bytes) {
    if (needed <= free_bytes)
        return {};
    return fail(ErrorCode::Fail,
                fmt::format("{} may take {} MiB more, but its file system has only {} MiB of free "
                            "space; make room and try again",
                            path, needed / kMib + 1, free_bytes / kMib));
}

} // namespace xlsnap
