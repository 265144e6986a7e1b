// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "adapters/store/stream_reader.hpp"

namespace xlsnap {

// Record types of the libxc stream: docs/specs/libxc-migration-stream.pandoc and
// tools/libs/guest/xg_sr_stream_format.h in xen.git.
enum class LibxcRecord : std::uint32_t {
    End = 0x00,
    PageData = 0x01,
    PvInfo = 0x02,
    PvP2mFrames = 0x03,
    PvVcpuBasic = 0x04,
    PvVcpuExtended = 0x05,
    PvVcpuXsave = 0x06,
    SharedInfo = 0x07,
    TscInfo = 0x08,
    HvmContext = 0x09,
    HvmParams = 0x0a,
    Toolstack = 0x0b, // obsolete, no Xen that is of interest here reads or writes it
    PvVcpuMsrs = 0x0c,
    Verify = 0x0d,
    Checkpoint = 0x0e,             // Remus and COLO only
    CheckpointDirtyPfnList = 0x0f, // COLO only
    StaticDataEnd = 0x10,
    CpuidPolicy = 0x11,
    MsrPolicy = 0x12,
};

// A set of record types.
class LibxcRecords {
  public:
    constexpr LibxcRecords() = default;
    template <typename... Types> constexpr explicit LibxcRecords(Types... types) {
        (insert(types), ...);
    }

    constexpr void insert(LibxcRecord type) { bits_ |= bit(type); }
    [[nodiscard]] constexpr bool contains(LibxcRecord type) const {
        return (bits_ & bit(type)) != 0;
    }
    [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }

    // Those of this set that are not in the other one.
    [[nodiscard]] constexpr LibxcRecords without(LibxcRecords other) const {
        LibxcRecords rest;
        rest.bits_ = bits_ & ~other.bits_;
        return rest;
    }

  private:
    static constexpr std::uint32_t bit(LibxcRecord type) {
        return std::uint32_t{1} << static_cast<std::uint32_t>(type);
    }

    std::uint32_t bits_ = 0;
};

// What the stream has said about the guest so far, as far as other records depend on it.
struct LibxcGuest {
    bool pv = false;
    std::uint32_t pv_width = 0; // bytes of a PV guest's machine word, once known
};

enum class LibxcGuests { Any, Pv, Hvm }; // the stream of a PVH guest is an HVM stream

// What is known of one type of record.
struct LibxcRecordRule {
    LibxcRecord type;
    std::string_view name;
    LibxcGuests guests;
    std::uint32_t first_version; // of the stream
    LibxcRecords pv_after;       // what must have come before it in the stream of a PV guest
    // Checks the body, of which it reads what it needs.
    Status (*check)(StreamReader &reader, const StreamRecord &record, LibxcGuest &guest);
};

// What a version 3 stream has before STATIC_DATA_END, and only there.
inline constexpr LibxcRecords kLibxcStaticData(LibxcRecord::PvInfo, LibxcRecord::CpuidPolicy,
                                               LibxcRecord::MsrPolicy);

// nullptr for a type that a plain save stream does not have.
const LibxcRecordRule *find_libxc_rule(std::uint32_t type);

// The names of the types in the set, for messages.
std::string to_string(LibxcRecords records);

} // namespace xlsnap
