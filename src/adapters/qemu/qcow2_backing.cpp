// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/qemu/qcow2_backing.hpp"

#include <array>

#include <fmt/format.h>

#include "base/byte_order.hpp"

namespace xlsnap {

namespace {

constexpr std::uint32_t kMostFormatLength = 15; // BlockDriverState in block_int-common.h
constexpr std::uint64_t kBytesOfExtensionHead = 8;
constexpr std::string_view kExtensions = "the header extensions";
constexpr std::string_view kName = "the name of the backing file";
constexpr std::string_view kFormat = "the format of the backing file";

Result<std::string> read_header_text(const Qcow2File &file, std::uint64_t offset,
                                     std::uint32_t length, std::uint32_t most,
                                     std::string_view what) {
    if (length > most)
        return fail(ErrorCode::Invalid,
                    fmt::format("{} has {} bytes; QEMU has at most {}", what, length, most));
    std::string text(length, '\0');
    XLSNAP_TRY(file.read(offset, std::as_writable_bytes(std::span(text)), what));
    return text;
}

// One that is empty would have QEMU probe; of two, QEMU takes the last, and others the first.
Status read_format_extension(const Qcow2File &file, std::uint64_t offset, std::uint32_t length,
                             std::string &format) {
    if (!format.empty() || length == 0)
        return fail(ErrorCode::Invalid,
                    fmt::format("{} is recorded {}; record it once with qemu-img rebase -u -F "
                                "FORMAT -b PATH",
                                kFormat, length == 0 ? "as nothing" : "twice"));
    XLSNAP_ASSIGN(format, read_header_text(file, offset, length, kMostFormatLength, kFormat));
    return {};
}

// The section "Header extensions": they end where the name begins.
Result<std::string> read_backing_format(const Qcow2File &file, const Qcow2Header &header) {
    std::string format;
    std::uint64_t offset = header.header_length;
    while (offset + kBytesOfExtensionHead <= header.backing_name_offset) {
        std::array<std::byte, kBytesOfExtensionHead> bytes{};
        XLSNAP_TRY(file.read(offset, bytes, kExtensions));
        const auto type = load_big_endian<std::uint32_t>(bytes, 0);
        const auto length = load_big_endian<std::uint32_t>(bytes, 4);
        offset += bytes.size();
        if (type == kEndOfExtensions)
            break;
        if (length > header.backing_name_offset - offset)
            return fail(ErrorCode::Invalid, fmt::format("{} overlap {}; look at the image with "
                                                        "qemu-img check",
                                                        kExtensions, kName));
        if (type == kBackingFormatExtension)
            XLSNAP_TRY(read_format_extension(file, offset, length, format));
        offset += (std::uint64_t{length} + 7) & ~std::uint64_t{7};
    }
    return format;
}

} // namespace

Result<Qcow2Backing> read_qcow2_backing(const Qcow2File &file, const Qcow2Header &header) {
    Qcow2Backing backing;
    if (header.backing_name_offset == 0)
        return backing;
    // As QEMU has it; it also bounds what there is to read of extensions.
    if (header.backing_name_offset > header.cluster_size())
        return fail(ErrorCode::Invalid, fmt::format("{} lies at byte {}, behind the header", kName,
                                                    header.backing_name_offset));
    XLSNAP_ASSIGN(backing.name,
                  read_header_text(file, header.backing_name_offset, header.backing_name_length,
                                   kMostBackingNameBytes, kName));
    XLSNAP_ASSIGN(backing.format, read_backing_format(file, header));
    return backing;
}

} // namespace xlsnap
