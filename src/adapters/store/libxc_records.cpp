// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/store/libxc_records.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/byte_order.hpp"

namespace xlsnap {

namespace {

constexpr std::uint64_t kPageSize = 4096;
constexpr std::uint64_t kPfnSize = 8;
constexpr std::uint64_t kReservedPfnBits = 0x0ff0'0000'0000'0000;

tl::unexpected<Error> wrong_length(const StreamRecord &record, std::string_view expected) {
    return invalid_at(record.position, fmt::format("the record's body has {} bytes, but should {}",
                                                   record.length, expected));
}

tl::unexpected<Error> wrong_content(const StreamRecord &record, std::string_view reason) {
    return invalid_at(record.position, fmt::format("in the record, {}", reason));
}

template <std::uint32_t Length>
Status check_length(StreamReader &, const StreamRecord &record, LibxcGuest &) {
    if (record.length != Length)
        return wrong_length(record, fmt::format("have {}", Length));
    return {};
}

// A non-empty array of elements of this size.
template <std::uint32_t Size>
Status check_array(StreamReader &, const StreamRecord &record, LibxcGuest &) {
    if (record.length == 0 || record.length % Size != 0)
        return wrong_length(record, fmt::format("be a multiple of {}", Size));
    return {};
}

Status check_not_empty(StreamReader &, const StreamRecord &record, LibxcGuest &) {
    if (record.length == 0)
        return wrong_length(record, "not be empty");
    return {};
}

// Many records begin with a u32 and four reserved bytes.
Result<std::uint32_t> read_u32_and_reserved(StreamReader &reader, const StreamRecord &record) {
    if (record.length < 8)
        return wrong_length(record, "have at least 8");
    XLSNAP_ASSIGN(const auto head, reader.read<8>("a record"));
    if (load_little_endian<std::uint32_t>(head, 4) != 0)
        return wrong_content(record, "a reserved field is not zero");
    return load_little_endian<std::uint32_t>(head, 0);
}

// The type of a page is in the upper four bits of its entry.
enum class PageData { Present, Absent, InvalidType };

PageData page_data(std::uint64_t entry) {
    const std::uint64_t type = entry >> 60;
    if (type >= 5 && type <= 8)
        return PageData::InvalidType;
    return type < 0xd ? PageData::Present : PageData::Absent; // broken, allocate only, not there
}

Result<std::uint64_t> count_pages_with_data(StreamReader &reader, std::uint64_t entries) {
    std::array<std::byte, kPageSize> buffer{};
    std::uint64_t pages = 0;
    while (entries > 0) {
        const std::uint64_t position = reader.position();
        const std::size_t count = std::min<std::uint64_t>(entries, buffer.size() / kPfnSize);
        XLSNAP_TRY(reader.read(std::span(buffer).first(count * kPfnSize), "a list of pages"));
        for (std::size_t i = 0; i < count; ++i) {
            const auto entry = load_little_endian<std::uint64_t>(buffer, i * kPfnSize);
            const PageData data = page_data(entry);
            if (data == PageData::InvalidType || (entry & kReservedPfnBits) != 0)
                return invalid_at(position + i * kPfnSize,
                                  fmt::format("{:#018x} is no valid page", entry));
            if (data == PageData::Present)
                ++pages;
        }
        entries -= count;
    }
    return pages;
}

Status check_page_data(StreamReader &reader, const StreamRecord &record, LibxcGuest &) {
    XLSNAP_ASSIGN(const std::uint64_t count, read_u32_and_reserved(reader, record));
    if (count == 0)
        return wrong_content(record, "there is no page");
    if (8 + count * kPfnSize > record.length)
        return wrong_length(record, fmt::format("have room for a list of {} pages", count));
    XLSNAP_ASSIGN(const std::uint64_t pages, count_pages_with_data(reader, count));
    const std::uint64_t expected = 8 + count * kPfnSize + pages * kPageSize;
    if (record.length != expected)
        return wrong_length(record, fmt::format("have {} for {} pages, {} of them with data",
                                                expected, count, pages));
    return {};
}

Status check_pv_info(StreamReader &reader, const StreamRecord &record, LibxcGuest &guest) {
    XLSNAP_TRY(check_length<8>(reader, record, guest));
    XLSNAP_ASSIGN(const auto body, reader.read<8>("X86_PV_INFO"));
    const auto width = std::to_integer<std::uint32_t>(body[0]);
    const auto levels = std::to_integer<std::uint32_t>(body[1]);
    if ((width != 4 && width != 8) || (levels != 3 && levels != 4))
        return wrong_content(record, fmt::format("a guest of {} byte words with {} levels of page "
                                                 "tables is unknown",
                                                 width, levels));
    if (std::any_of(body.begin() + 2, body.end(), [](std::byte b) { return b != std::byte{0}; }))
        return wrong_content(record, "a reserved field is not zero");
    guest.pv_width = width;
    return {};
}

// One entry per page of the guest's table of pages that covers start to end.
Status check_pv_p2m_frames(StreamReader &reader, const StreamRecord &record, LibxcGuest &guest) {
    if (record.length < 8)
        return wrong_length(record, "have at least 8");
    XLSNAP_ASSIGN(const auto head, reader.read<8>("X86_PV_P2M_FRAMES"));
    const auto start = load_little_endian<std::uint32_t>(head, 0);
    const auto end = load_little_endian<std::uint32_t>(head, 4);
    if (start > end)
        return wrong_content(
            record, fmt::format("the first page {:#x} lies behind the last {:#x}", start, end));
    const std::uint64_t entries_per_frame = kPageSize / guest.pv_width;
    const std::uint64_t frames = end / entries_per_frame - start / entries_per_frame + 1;
    if (record.length != 8 + frames * kPfnSize)
        return wrong_length(record, fmt::format("have {} for pages {:#x} to {:#x}",
                                                8 + frames * kPfnSize, start, end));
    return {};
}

// An empty context is what Xen 4.6 to 4.8 wrote for a virtual CPU that has none.
Status check_pv_vcpu(StreamReader &reader, const StreamRecord &record, LibxcGuest &) {
    XLSNAP_TRY(read_u32_and_reserved(reader, record));
    return {};
}

Status check_tsc_info(StreamReader &reader, const StreamRecord &record, LibxcGuest &guest) {
    XLSNAP_TRY(check_length<24>(reader, record, guest));
    XLSNAP_TRY(reader.skip(20, "X86_TSC_INFO"));
    return reader.expect_zeros(4, "a reserved field of X86_TSC_INFO");
}

Status check_hvm_params(StreamReader &reader, const StreamRecord &record, LibxcGuest &) {
    XLSNAP_ASSIGN(const std::uint64_t count, read_u32_and_reserved(reader, record));
    if (record.length != 8 + count * 16)
        return wrong_length(record,
                            fmt::format("have {} for {} parameters", 8 + count * 16, count));
    return {};
}

using R = LibxcRecord;
using G = LibxcGuests;
constexpr LibxcRecords kNothing;
constexpr LibxcRecords kPvInfo(R::PvInfo);
constexpr LibxcRecords kFrames(R::PvP2mFrames);
constexpr LibxcRecords kPages(R::PageData);

// That HVM_PARAMS come before HVM_CONTEXT, as the specification wants, is not demanded: libxc
// itself writes them behind it.
constexpr std::array kRules = {
    LibxcRecordRule{R::End, "END", G::Any, 2, kNothing, check_length<0>},
    LibxcRecordRule{R::PageData, "PAGE_DATA", G::Any, 2, kFrames, check_page_data},
    LibxcRecordRule{R::PvInfo, "X86_PV_INFO", G::Pv, 2, kNothing, check_pv_info},
    LibxcRecordRule{R::PvP2mFrames, "X86_PV_P2M_FRAMES", G::Pv, 2, kPvInfo, check_pv_p2m_frames},
    LibxcRecordRule{R::PvVcpuBasic, "X86_PV_VCPU_BASIC", G::Pv, 2, kPages, check_pv_vcpu},
    LibxcRecordRule{R::PvVcpuExtended, "X86_PV_VCPU_EXTENDED", G::Pv, 2, kPages, check_pv_vcpu},
    LibxcRecordRule{R::PvVcpuXsave, "X86_PV_VCPU_XSAVE", G::Pv, 2, kPages, check_pv_vcpu},
    LibxcRecordRule{R::SharedInfo, "SHARED_INFO", G::Pv, 2, kPvInfo, check_length<kPageSize>},
    LibxcRecordRule{R::TscInfo, "X86_TSC_INFO", G::Any, 2, kNothing, check_tsc_info},
    LibxcRecordRule{R::HvmContext, "HVM_CONTEXT", G::Hvm, 2, kNothing, check_not_empty},
    LibxcRecordRule{R::HvmParams, "HVM_PARAMS", G::Hvm, 2, kNothing, check_hvm_params},
    LibxcRecordRule{R::PvVcpuMsrs, "X86_PV_VCPU_MSRS", G::Pv, 2, kPages, check_pv_vcpu},
    LibxcRecordRule{R::Verify, "VERIFY", G::Any, 2, kPages, check_length<0>},
    LibxcRecordRule{R::StaticDataEnd, "STATIC_DATA_END", G::Any, 3, kNothing, check_length<0>},
    LibxcRecordRule{R::CpuidPolicy, "X86_CPUID_POLICY", G::Any, 3, kNothing, check_array<24>},
    LibxcRecordRule{R::MsrPolicy, "X86_MSR_POLICY", G::Any, 3, kNothing, check_array<16>},
};

} // namespace

const LibxcRecordRule *find_libxc_rule(std::uint32_t type) {
    const auto rule =
        std::ranges::find(kRules, static_cast<LibxcRecord>(type), &LibxcRecordRule::type);
    return rule == kRules.end() ? nullptr : &*rule;
}

std::string to_string(LibxcRecords records) {
    std::string names;
    for (const LibxcRecordRule &rule : kRules) {
        if (records.contains(rule.type))
            names += fmt::format("{}{}", names.empty() ? "" : ", ", rule.name);
    }
    return names;
}

} // namespace xlsnap
