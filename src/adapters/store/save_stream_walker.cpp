// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/store/save_stream_walker.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "adapters/store/libxc_stream_walker.hpp"
#include "adapters/store/stream_reader.hpp"
#include "base/byte_order.hpp"

namespace xlsnap {

namespace {

constexpr std::string_view kLibxlName = "libxl";
constexpr std::uint64_t kLibxlIdent = 0x4c69'6278'6c46'6d74; // "LibxlFmt"
constexpr std::uint32_t kVersion = 2;
constexpr std::uint32_t kOptionLegacy = 2; // converted from the format of Xen 4.5

constexpr std::uint32_t kEnd = 0;
constexpr std::uint32_t kLibxcContext = 1;
constexpr std::uint32_t kEmulatorXenstoreData = 2;
constexpr std::uint32_t kEmulatorContext = 3;
// 4 and 5 are CHECKPOINT_END and CHECKPOINT_STATE of Remus and COLO.

constexpr std::uint32_t kEmulatorHeaderSize = 8;
constexpr std::uint32_t kNewestEmulator = 2; // QEMU; 1 is qemu-traditional, 0 unknown

class LibxlWalker {
  public:
    LibxlWalker(int fd, std::uint64_t position, std::uint64_t file_size)
        : reader_(fd, position, file_size) {}

    Status walk() {
        XLSNAP_TRY(read_header());
        while (!ended_)
            XLSNAP_TRY(walk_record());
        if (reader_.left() != 0)
            return invalid_at(reader_.position(), fmt::format("{} bytes follow the end of the "
                                                              "stream",
                                                              reader_.left()));
        return {};
    }

  private:
    Status read_header() {
        const std::uint64_t position = reader_.position();
        XLSNAP_ASSIGN(const auto header, reader_.read<16>("the libxl stream header"));
        if (load_big_endian<std::uint64_t>(header, 0) != kLibxlIdent)
            return invalid_at(position, "this is not the beginning of a libxl stream");
        const auto version = load_big_endian<std::uint32_t>(header, 8);
        if (version != kVersion)
            return invalid_at(position, fmt::format("the libxl stream has version {}; {} is known",
                                                    version, kVersion));
        if ((load_big_endian<std::uint32_t>(header, 12) & ~kOptionLegacy) != 0)
            return invalid_at(position, "the libxl stream has unknown options or is big-endian");
        return {};
    }

    Status walk_record() {
        XLSNAP_ASSIGN(const StreamRecord record, read_record(reader_, kLibxlName));
        const std::uint32_t bare_type = record.type & ~StreamRecord::kOptional;
        if (record.type != bare_type && bare_type <= kEmulatorContext)
            return invalid_at(record.position, fmt::format("a libxl record of type {:#x} has the "
                                                           "optional bit, but is not optional",
                                                           record.type));
        if (record.type != bare_type)
            return finish_record(reader_, record);
        if (record.type == kLibxcContext)
            return walk_libxc_context(record).with_context("LIBXC_CONTEXT");
        if (!guest_)
            return invalid_at(record.position,
                              fmt::format("a libxl record of type {:#x} comes before the guest's "
                                          "memory",
                                          record.type));
        switch (record.type) {
        case kEnd:
            XLSNAP_TRY(expect_no_body(record).with_context("END"));
            ended_ = true;
            break;
        case kEmulatorXenstoreData:
            XLSNAP_TRY(check_xenstore_data(record).with_context("EMULATOR_XENSTORE_DATA"));
            break;
        case kEmulatorContext:
            XLSNAP_TRY(check_emulator(record).with_context("EMULATOR_CONTEXT"));
            break;
        default:
            return invalid_at(record.position, fmt::format("a libxl record of type {:#x} does not "
                                                           "belong into a save file",
                                                           record.type));
        }
        return finish_record(reader_, record);
    }

    Status walk_libxc_context(const StreamRecord &record) {
        XLSNAP_TRY(expect_no_body(record));
        if (guest_)
            return invalid_at(record.position, "the guest's memory comes a second time");
        XLSNAP_ASSIGN(guest_, walk_libxc_stream(reader_));
        return {};
    }

    static Status expect_no_body(const StreamRecord &record) {
        if (record.length != 0)
            return invalid_at(
                record.position,
                fmt::format("the record's body has {} bytes, but should have none", record.length));
        return {};
    }

    Status check_emulator(const StreamRecord &record) {
        if (guest_->pv)
            return invalid_at(record.position, "does not belong to a PV guest");
        if (record.length < kEmulatorHeaderSize)
            return invalid_at(record.position,
                              fmt::format("the record's body has {} bytes, but should have at "
                                          "least {}",
                                          record.length, kEmulatorHeaderSize));
        XLSNAP_ASSIGN(const auto header, reader_.read<kEmulatorHeaderSize>("an emulator record"));
        const auto emulator = load_little_endian<std::uint32_t>(header, 0);
        if (emulator > kNewestEmulator)
            return invalid_at(record.position, fmt::format("emulator {} is unknown", emulator));
        return {};
    }

    // Pairs of a key and a value, each ended by a NUL.
    Status check_xenstore_data(const StreamRecord &record) {
        XLSNAP_TRY(check_emulator(record));
        std::array<std::byte, 4096> buffer{};
        std::uint64_t left = record.length - kEmulatorHeaderSize;
        std::uint64_t strings = 0;
        bool terminated = true;
        while (left > 0) {
            const std::span part =
                std::span(buffer).first(std::min<std::uint64_t>(left, buffer.size()));
            XLSNAP_TRY(reader_.read(part, "xenstore data"));
            strings += static_cast<std::uint64_t>(std::ranges::count(part, std::byte{0}));
            terminated = part.back() == std::byte{0};
            left -= part.size();
        }
        if (!terminated || strings % 2 != 0)
            return invalid_at(record.position, "the xenstore data are no pairs of key and value");
        return {};
    }

    StreamReader reader_;
    std::optional<LibxcGuest> guest_; // once its part of the stream has been walked
    bool ended_ = false;
};

} // namespace

Status walk_save_stream(int fd, std::uint64_t position, std::uint64_t file_size) {
    return LibxlWalker(fd, position, file_size).walk();
}

} // namespace xlsnap
