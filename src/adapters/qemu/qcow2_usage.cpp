// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/qemu/qcow2_usage.hpp"

#include <vector>

#include <fmt/format.h>

#include "adapters/qemu/cluster_counts.hpp"
#include "adapters/qemu/qcow2_header.hpp"
#include "adapters/qemu/qcow2_refcounts.hpp"
#include "adapters/qemu/qcow2_tags.hpp"
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

// Counts how often a tag refers to each cluster. The section "Cluster mapping" describes the
// tables.
class TagWalk {
  public:
    TagWalk(const Qcow2File &file, const Qcow2Header &header) : file_(file), header_(header) {}

    Status walk(const Qcow2Tag &tag) {
        XLSNAP_ASSIGN(const std::vector<std::uint64_t> tables, count_tables(tag));
        std::vector<std::byte> table(header_.cluster_size());
        for (const std::uint64_t offset : tables) {
            XLSNAP_TRY(file_.read(offset, table, "an L2 table"));
            XLSNAP_TRY(count_entries(table));
        }
        return {};
    }

    [[nodiscard]] const ClusterCounts &counts() const { return counts_; }

  private:
    // Where the L2 tables are. Each is there once, so that none is read twice.
    Result<std::vector<std::uint64_t>> count_tables(const Qcow2Tag &tag) {
        XLSNAP_ASSIGN(const std::vector<std::byte> l1, read_l1(tag));
        std::vector<std::uint64_t> tables;
        for (std::size_t at = 0; at < l1.size(); at += sizeof(std::uint64_t)) {
            const std::uint64_t offset = load_big_endian<std::uint64_t>(l1, at) & kClusterOffset;
            if (offset == 0)
                continue;
            XLSNAP_TRY(expect_aligned(header_, offset, "an L2 table"));
            if (counts_.of(cluster_of(offset)) != 0)
                return fail(ErrorCode::Invalid,
                            fmt::format("two tables at byte {}; look at the image with qemu-img "
                                        "check",
                                        offset));
            XLSNAP_TRY(counts_.add(cluster_of(offset)));
            tables.push_back(offset);
        }
        if (tables.size() * header_.cluster_size() > kMostBytesOfL2)
            return fail(
                ErrorCode::NotImplemented,
                fmt::format("the tag has {} L2 tables, more than xlsnap reads", tables.size()));
        return tables;
    }

    Result<std::vector<std::byte>> read_l1(const Qcow2Tag &tag) {
        if (tag.l1_entries > kMostL1Entries)
            return fail(ErrorCode::Invalid,
                        fmt::format("an L1 table of {} entries; QEMU has at most {}",
                                    tag.l1_entries, kMostL1Entries));
        XLSNAP_TRY(expect_aligned(header_, tag.l1_offset, "an L1 table"));
        const std::uint64_t bytes = tag.l1_entries * sizeof(std::uint64_t);
        XLSNAP_TRY(file_.expect_inside(tag.l1_offset, bytes, "an L1 table"));
        XLSNAP_TRY(count_bytes(tag.l1_offset, bytes));
        std::vector<std::byte> l1(bytes);
        XLSNAP_TRY(file_.read(tag.l1_offset, l1, "an L1 table"));
        return l1;
    }

    // With the extended L2 entries of the section of that name, the first half of each says the
    // same as a standard one; the bitmap behind it moves no data.
    Status count_entries(std::span<const std::byte> table) {
        const std::size_t entry_size = sizeof(std::uint64_t) * (header_.has_extended_l2 ? 2 : 1);
        for (std::size_t at = 0; at < table.size(); at += entry_size) {
            const auto entry = load_big_endian<std::uint64_t>(table, at);
            XLSNAP_TRY((entry & kIsCompressed) != 0 ? count_compressed(entry)
                                                    : count_standard(entry));
        }
        return {};
    }

    // A cluster that reads as zeros counts too when it has a place in the file.
    Status count_standard(std::uint64_t entry) {
        const std::uint64_t offset = entry & kClusterOffset;
        if (offset == 0)
            return {};
        XLSNAP_TRY(expect_aligned(header_, offset, "data"));
        XLSNAP_TRY(file_.expect_inside(offset, 1, "data")); // the last cluster may be cut off
        return counts_.add(cluster_of(offset));
    }

    // "Compressed Clusters Descriptor": the data begin at any byte, have so many sectors more than
    // the one in which they begin, and count once in each cluster in which they lie.
    Status count_compressed(std::uint64_t entry) {
        const unsigned bits_of_offset = 62 - (header_.cluster_bits - 8);
        const std::uint64_t offset = entry & ((std::uint64_t{1} << bits_of_offset) - 1);
        const std::uint64_t more_sectors =
            (entry & ~kIsCompressed & ~(std::uint64_t{1} << 63)) >> bits_of_offset;
        XLSNAP_TRY(file_.expect_inside(offset, 1, "compressed data"));
        return count_bytes(offset, (more_sectors + 1) * kSector - offset % kSector);
    }

    Status count_bytes(std::uint64_t offset, std::uint64_t length) {
        for (std::uint64_t cluster = cluster_of(offset);
             cluster << header_.cluster_bits < offset + length; ++cluster)
            XLSNAP_TRY(counts_.add(cluster));
        return {};
    }

    [[nodiscard]] std::uint64_t cluster_of(std::uint64_t offset) const {
        return offset >> header_.cluster_bits;
    }

    const Qcow2File &file_;
    const Qcow2Header &header_;
    ClusterCounts counts_;
};

Result<StorageUsage> usage_in(const Qcow2File &file, const std::string &name) {
    XLSNAP_ASSIGN(const Qcow2Header header, read_qcow2_header(file));
    XLSNAP_ASSIGN(const Qcow2Tag tag, find_qcow2_tag(file, header, name));
    TagWalk walk(file, header);
    XLSNAP_TRY(walk.walk(tag));
    Qcow2Refcounts refcounts(file, header);
    StorageUsage usage;
    XLSNAP_TRY(walk.counts().for_each([&](std::uint64_t cluster, unsigned count) -> Status {
        XLSNAP_ASSIGN(const std::uint64_t references, refcounts.of(cluster));
        usage.held += header.cluster_size();
        if (references == count && count < ClusterCounts::kMost)
            usage.freed += header.cluster_size();
        return {};
    }));
    return usage;
}

} // namespace

Result<StorageUsage> qcow2_usage(const std::string &path, const std::string &tag) {
    XLSNAP_ASSIGN(const Qcow2File file, Qcow2File::open(path));
    return usage_in(file, tag).with_context(path);
}

} // namespace xlsnap
