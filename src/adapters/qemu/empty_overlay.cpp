// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/qemu/empty_overlay.hpp"

#include <string_view>

#include <fmt/format.h>

#include "adapters/qemu/image_options.hpp"
#include "adapters/qemu/qcow2_backing.hpp"
#include "adapters/qemu/qcow2_header.hpp"
#include "base/byte_order.hpp"

namespace xlsnap {

namespace {

// What qemu-img chooses for a new image.
constexpr std::uint32_t kVersion = 3;
constexpr std::uint32_t kClusterBits = 16;
constexpr std::uint32_t kRefcountOrder = 4; // refcounts of 16 bits
constexpr std::uint64_t kClusterBytes = std::uint64_t{1} << kClusterBits;

// Clusters: the header, the refcount table, its only block, then the table of first level.
constexpr std::uint64_t kRefcountTable = kClusterBytes;
constexpr std::uint64_t kRefcountBlock = 2 * kClusterBytes;
constexpr std::uint64_t kLevel1Table = 3 * kClusterBytes;

// An entry of the table of first level is for a table of second level, which fills a cluster and
// has an entry for each cluster of data.
constexpr std::uint64_t kEntryBytes = sizeof(std::uint64_t);
constexpr std::uint64_t kBytesOfLevel1Entry = kClusterBytes / kEntryBytes * kClusterBytes;
constexpr std::uint64_t kMostLevel1Bytes = std::uint64_t{32} << 20U; // QCOW_MAX_L1_SIZE of QEMU
constexpr std::uint64_t kMostVirtualBytes = kMostLevel1Bytes / kEntryBytes * kBytesOfLevel1Entry;

constexpr std::uint32_t kHeaderBytes = 112;
constexpr std::uint32_t kFeatureNames = 0x6803'f857; // the type of the extension
constexpr std::size_t kFeatureNameBytes = 46;
constexpr std::size_t kExtensionUnit = 8;

// The feature name table: QEMU writes all that it knows, used or not.
struct Feature {
    char kind; // 0: incompatible, 1: compatible, 2: autoclear
    char bit;
    std::string_view name;
};
constexpr Feature kFeatures[] = {
    {0, 0, "dirty bit"},        {0, 1, "corrupt bit"},         {0, 2, "external data file"},
    {0, 3, "compression type"}, {0, 4, "extended L2 entries"}, {1, 0, "lazy refcounts"},
    {2, 0, "bitmaps"},          {2, 1, "raw external data"},
};

Status check(const std::string &base, std::uint64_t virtual_bytes) {
    if (base.size() > kMostBackingNameBytes)
        return fail(ErrorCode::Invalid,
                    fmt::format("the path {} has {} bytes, and an overlay can stand on one of {} "
                                "at most; move the image, or name it by a shorter path",
                                base, base.size(), kMostBackingNameBytes));
    if (virtual_bytes > kMostVirtualBytes)
        return fail(ErrorCode::Invalid,
                    fmt::format("{} has {} bytes, and an overlay can have {} at most", base,
                                virtual_bytes, kMostVirtualBytes));
    return {};
}

void append_extension(std::string &header, std::uint32_t type, std::string_view data) {
    append_big_endian(header, type);
    append_big_endian(header, static_cast<std::uint32_t>(data.size()));
    header += data;
    header.append((kExtensionUnit - data.size() % kExtensionUnit) % kExtensionUnit, '\0');
}

std::string feature_names() {
    std::string table;
    for (const Feature &feature : kFeatures) {
        table += feature.kind;
        table += feature.bit;
        table += feature.name;
        table.append(kFeatureNameBytes - feature.name.size(), '\0');
    }
    return table;
}

std::string extensions(DiskFormat base_format) {
    std::string text;
    append_extension(text, kBackingFormatExtension, format_driver(base_format));
    append_extension(text, kFeatureNames, feature_names());
    append_extension(text, kEndOfExtensions, {});
    return text;
}

// The section "Header", its extensions and the name of the backing file behind them.
std::string header(const std::string &base, DiskFormat base_format, std::uint64_t virtual_bytes,
                   std::uint32_t level1_entries) {
    const std::string behind = extensions(base_format);
    std::string text;
    append_big_endian(text, kQcow2Magic);
    append_big_endian(text, kVersion);
    append_big_endian(text, std::uint64_t{kHeaderBytes + behind.size()}); // the name
    append_big_endian(text, static_cast<std::uint32_t>(base.size()));
    append_big_endian(text, kClusterBits);
    append_big_endian(text, virtual_bytes);
    append_big_endian(text, std::uint32_t{0}); // not encrypted
    append_big_endian(text, level1_entries);
    append_big_endian(text, level1_entries == 0 ? std::uint64_t{0} : kLevel1Table);
    append_big_endian(text, kRefcountTable);
    append_big_endian(text, std::uint32_t{1}); // its clusters
    append_big_endian(text, std::uint32_t{0}); // tags, and where they are
    append_big_endian(text, std::uint64_t{0});
    for (int kinds = 0; kinds < 3; ++kinds)
        append_big_endian(text, std::uint64_t{0}); // no feature is in use
    append_big_endian(text, kRefcountOrder);
    append_big_endian(text, kHeaderBytes);
    append_big_endian(text, std::uint64_t{0}); // compression by zlib, and padding
    return text + behind + base;
}

} // namespace

Result<std::string> empty_overlay(const std::string &base, DiskFormat base_format,
                                  std::uint64_t virtual_bytes) {
    XLSNAP_TRY(check(base, virtual_bytes));
    const std::uint64_t entries = (virtual_bytes + kBytesOfLevel1Entry - 1) / kBytesOfLevel1Entry;
    const std::uint64_t level1_bytes = entries * kEntryBytes;
    const std::uint64_t end = kLevel1Table + level1_bytes;
    std::string file;
    file.reserve(end);
    file += header(base, base_format, virtual_bytes, static_cast<std::uint32_t>(entries));
    file.resize(kRefcountTable);
    append_big_endian(file, kRefcountBlock);
    file.resize(kRefcountBlock);
    for (std::uint64_t cluster = 0; cluster * kClusterBytes < end; ++cluster)
        append_big_endian(file, std::uint16_t{1});
    file.resize(end); // all entries are 0: nothing was written yet
    return file;
}

} // namespace xlsnap
