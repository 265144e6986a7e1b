// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/store/libxc_stream_walker.hpp"

#include <limits>

#include <fmt/format.h>

#include "base/byte_order.hpp"

namespace xlsnap {

namespace {

constexpr std::string_view kLibxcName = "libxc";
constexpr std::uint64_t kMarker = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint32_t kLibxcIdent = 0x5845'4e46; // "XENF"
constexpr std::uint32_t kOldestVersion = 2;
constexpr std::uint32_t kNewestVersion = 3;
constexpr std::uint32_t kTypePv = 1;
constexpr std::uint32_t kTypeHvm = 2;
constexpr std::uint16_t kPageShift = 12;
constexpr std::uint32_t kMaxBody = std::uint32_t{128} << 20; // libxc refuses more as well

constexpr LibxcRecords kNeededForPv(LibxcRecord::PvInfo, LibxcRecord::PvP2mFrames,
                                    LibxcRecord::PageData, LibxcRecord::SharedInfo,
                                    LibxcRecord::PvVcpuBasic);
constexpr LibxcRecords kNeededForHvm(LibxcRecord::PageData, LibxcRecord::HvmContext,
                                     LibxcRecord::HvmParams);

class LibxcWalker {
  public:
    explicit LibxcWalker(StreamReader &reader) : reader_(reader) {}

    Result<LibxcGuest> walk() {
        XLSNAP_TRY(read_image_header());
        XLSNAP_TRY(read_domain_header());
        while (!seen_.contains(LibxcRecord::End))
            XLSNAP_TRY(walk_record());
        return guest_;
    }

  private:
    Status read_image_header() {
        const std::uint64_t position = reader_.position();
        XLSNAP_ASSIGN(const auto header, reader_.read<24>("the libxc image header"));
        if (load_big_endian<std::uint64_t>(header, 0) != kMarker ||
            load_big_endian<std::uint32_t>(header, 8) != kLibxcIdent)
            return invalid_at(position, "this is not the beginning of a libxc stream");
        version_ = load_big_endian<std::uint32_t>(header, 12);
        if (version_ < kOldestVersion || version_ > kNewestVersion)
            return invalid_at(position,
                              fmt::format("the libxc stream has version {}; {} and {} are known",
                                          version_, kOldestVersion, kNewestVersion));
        if (load_big_endian<std::uint64_t>(header, 16) != 0)
            return invalid_at(position, "the libxc stream has unknown options or is big-endian");
        return {};
    }

    Status read_domain_header() {
        const std::uint64_t position = reader_.position();
        XLSNAP_ASSIGN(const auto header, reader_.read<16>("the libxc domain header"));
        const auto type = load_little_endian<std::uint32_t>(header, 0);
        if (type != kTypePv && type != kTypeHvm)
            return invalid_at(position, fmt::format("guest type {} is unknown", type));
        guest_.pv = type == kTypePv;
        if (load_little_endian<std::uint16_t>(header, 4) != kPageShift ||
            load_little_endian<std::uint16_t>(header, 6) != 0)
            return invalid_at(position, "the guest's page size is not 4096");
        return {};
    }

    Status walk_record() {
        XLSNAP_ASSIGN(const StreamRecord record, read_record(reader_, kLibxcName));
        if (record.length > kMaxBody)
            return invalid_at(record.position, fmt::format("a libxc record of {} bytes; at most {} "
                                                           "are allowed",
                                                           record.length, kMaxBody));
        const LibxcRecordRule *rule = find_libxc_rule(record.type);
        if (rule == nullptr && (record.type & StreamRecord::kOptional) == 0)
            return invalid_at(record.position, fmt::format("a libxc record of type {:#x} does not "
                                                           "belong into a save file",
                                                           record.type));
        // A flipped bit would hide it, a restore would do without it.
        if (rule == nullptr && find_libxc_rule(record.type & ~StreamRecord::kOptional) != nullptr)
            return invalid_at(record.position, fmt::format("a libxc record of type {:#x} has the "
                                                           "optional bit, but is not optional",
                                                           record.type));
        if (rule != nullptr)
            XLSNAP_TRY(walk_known_record(record, *rule).with_context(rule->name));
        return finish_record(reader_, record);
    }

    Status walk_known_record(const StreamRecord &record, const LibxcRecordRule &rule) {
        XLSNAP_TRY(check_place(record, rule));
        XLSNAP_TRY(rule.check(reader_, record, guest_));
        seen_.insert(rule.type);
        return {};
    }

    [[nodiscard]] Status check_place(const StreamRecord &record,
                                     const LibxcRecordRule &rule) const {
        const LibxcGuests other = guest_.pv ? LibxcGuests::Hvm : LibxcGuests::Pv;
        if (rule.guests == other)
            return invalid_at(record.position, fmt::format("does not belong to {} guest",
                                                           guest_.pv ? "a PV" : "an HVM or PVH"));
        if (version_ < rule.first_version)
            return invalid_at(record.position,
                              fmt::format("does not belong into a version {} stream", version_));
        LibxcRecords missing;
        if (guest_.pv)
            missing = rule.pv_after.without(seen_);
        if (rule.type == LibxcRecord::End)
            missing = (guest_.pv ? kNeededForPv : kNeededForHvm).without(seen_);
        if (!missing.empty())
            return invalid_at(record.position,
                              fmt::format("comes before there was {}", to_string(missing)));
        return check_static_data(record, rule);
    }

    // From version 3 on, STATIC_DATA_END stands between what describes the guest and its state.
    [[nodiscard]] Status check_static_data(const StreamRecord &record,
                                           const LibxcRecordRule &rule) const {
        if (version_ < 3)
            return {};
        const bool ended = seen_.contains(LibxcRecord::StaticDataEnd);
        const bool belongs_before =
            kLibxcStaticData.contains(rule.type) || rule.type == LibxcRecord::StaticDataEnd;
        if (ended && belongs_before)
            return invalid_at(record.position, "comes after STATIC_DATA_END");
        if (!ended && !belongs_before)
            return invalid_at(record.position, "comes before STATIC_DATA_END");
        return {};
    }

    StreamReader &reader_;
    std::uint32_t version_ = 0;
    LibxcGuest guest_;
    LibxcRecords seen_;
};

} // namespace

Result<LibxcGuest> walk_libxc_stream(StreamReader &reader) {
    return LibxcWalker(reader).walk();
}

} // namespace xlsnap
