// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/qemu/qcow2_header.hpp"

#include <array>

#include <fmt/format.h>

#include "base/byte_order.hpp"

namespace xlsnap {

namespace {

constexpr std::uint64_t kSizeUnit = 512; // QEMU ignores a part of one
constexpr unsigned kLeastClusterBits = 9;
constexpr unsigned kMostClusterBits = 21;
constexpr unsigned kMostRefcountOrder = 6;
constexpr unsigned kRefcountOrderOfVersion2 = 4;
constexpr std::uint32_t kMostSnapshots = 65536;

// Bits of incompatible_features.
constexpr std::uint64_t kDirty = 1U << 0U; // the refcounts may be behind
constexpr std::uint64_t kCorrupt = 1U << 1U;
constexpr std::uint64_t kDataFile = 1U << 2U;
constexpr std::uint64_t kCompressionType = 1U << 3U;
constexpr std::uint64_t kExtendedL2 = 1U << 4U;
constexpr std::uint64_t kKnownFeatures =
    kDirty | kCorrupt | kDataFile | kCompressionType | kExtendedL2;

constexpr std::size_t kBytesOfVersion2 = 72;
constexpr std::size_t kBytesMoreOfVersion3 = 32; // with header_length

Status check_features(std::uint64_t features) {
    if ((features & ~kKnownFeatures) != 0)
        return fail(ErrorCode::NotImplemented,
                    fmt::format("the image has features {:#x} that this xlsnap does not know",
                                features & ~kKnownFeatures));
    if ((features & kDataFile) != 0)
        return fail(ErrorCode::NotImplemented,
                    "the image keeps its data in another file, which can have no tags");
    if ((features & kCorrupt) != 0)
        return fail(ErrorCode::Invalid,
                    "the image is marked as corrupt; look at it with qemu-img check");
    return {};
}

Status read_fields_of_version_3(const Qcow2File &file, Qcow2Header &header) {
    std::array<std::byte, kBytesMoreOfVersion3> bytes{};
    XLSNAP_TRY(file.read(kBytesOfVersion2, bytes, "the header"));
    const auto features = load_big_endian<std::uint64_t>(bytes, 0);
    XLSNAP_TRY(check_features(features));
    header.has_extended_l2 = (features & kExtendedL2) != 0;
    header.refcount_order = load_big_endian<std::uint32_t>(bytes, 24);
    header.header_length = load_big_endian<std::uint32_t>(bytes, 28);
    if (header.refcount_order > kMostRefcountOrder)
        return fail(
            ErrorCode::Invalid,
            fmt::format("refcounts of 1 << {} bits; QEMU has at most 64", header.refcount_order));
    return {};
}

} // namespace

Result<Qcow2Header> read_qcow2_header(const Qcow2File &file) {
    std::array<std::byte, kBytesOfVersion2> bytes{};
    const Status whole = file.read(0, bytes, "the header");
    if (!whole || load_big_endian<std::uint32_t>(bytes, 0) != kQcow2Magic)
        return fail(ErrorCode::Fail, "this is not an image in the format qcow2");
    const auto version = load_big_endian<std::uint32_t>(bytes, 4);
    if (version != 2 && version != 3)
        return fail(ErrorCode::NotImplemented,
                    fmt::format("version {} of qcow2 is not known; 2 and 3 are", version));
    Qcow2Header header;
    header.cluster_bits = load_big_endian<std::uint32_t>(bytes, 20);
    if (header.cluster_bits < kLeastClusterBits || header.cluster_bits > kMostClusterBits)
        return fail(ErrorCode::Invalid,
                    fmt::format("clusters of 1 << {} bytes; QEMU has 512 bytes to 2 MiB",
                                header.cluster_bits));
    header.backing_name_offset = load_big_endian<std::uint64_t>(bytes, 8);
    header.backing_name_length = load_big_endian<std::uint32_t>(bytes, 16);
    header.virtual_bytes = load_big_endian<std::uint64_t>(bytes, 24) / kSizeUnit * kSizeUnit;
    header.header_length = kBytesOfVersion2;
    header.refcount_table_offset = load_big_endian<std::uint64_t>(bytes, 48);
    header.refcount_table_entries =
        load_big_endian<std::uint32_t>(bytes, 56) * header.cluster_size() / sizeof(std::uint64_t);
    header.snapshots = load_big_endian<std::uint32_t>(bytes, 60);
    header.snapshots_offset = load_big_endian<std::uint64_t>(bytes, 64);
    if (header.snapshots > kMostSnapshots)
        return fail(ErrorCode::Invalid,
                    fmt::format("{} tags; QEMU has at most {}", header.snapshots, kMostSnapshots));
    header.refcount_order = kRefcountOrderOfVersion2;
    if (version == 3)
        XLSNAP_TRY(read_fields_of_version_3(file, header));
    return header;
}

Status expect_aligned(const Qcow2Header &header, std::uint64_t offset, std::string_view what) {
    if (offset % header.cluster_size() == 0)
        return {};
    return fail(ErrorCode::Invalid,
                fmt::format("{} at byte {} does not begin a cluster; look at the image with "
                            "qemu-img check",
                            what, offset));
}

} // namespace xlsnap
