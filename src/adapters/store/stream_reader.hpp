// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace xlsnap {

// Reads a file of known size from one position to its end. Nothing in the file is trusted: every
// read and skip is checked against what is left of the file first, and nothing is allocated by a
// length that the file states. Errors begin with the position in the file.
class StreamReader {
  public:
    StreamReader(int fd, std::uint64_t position, std::uint64_t file_size)
        : fd_(fd), position_(position), size_(file_size) {}

    [[nodiscard]] std::uint64_t position() const { return position_; }
    [[nodiscard]] std::uint64_t left() const { return size_ - position_; }

    // Reads exactly out.size() bytes of `what`.
    Status read(std::span<std::byte> out, std::string_view what);

    template <std::size_t N> Result<std::array<std::byte, N>> read(std::string_view what) {
        std::array<std::byte, N> bytes{};
        XLSNAP_TRY(read(std::span<std::byte>(bytes), what));
        return bytes;
    }

    // Goes on after `length` bytes of `what` without reading them.
    Status skip(std::uint64_t length, std::string_view what);

    // Reads `length` bytes of `what` and wants all of them to be zero.
    Status expect_zeros(std::size_t length, std::string_view what);

  private:
    [[nodiscard]] Status expect_left(std::uint64_t length, std::string_view what) const;

    int fd_;
    std::uint64_t position_;
    std::uint64_t size_;
};

// "at byte 1234: reason", as ErrorCode::Invalid.
[[nodiscard]] tl::unexpected<Error> invalid_at(std::uint64_t position, std::string_view reason);

// The header that all records of Xen's save streams have.
struct StreamRecord {
    static constexpr std::uint32_t kOptional = 0x8000'0000; // a reader may skip what it cannot read
    static constexpr std::size_t kAlignment = 8;            // of the end of every record

    std::uint64_t position = 0; // of the header in the file
    std::uint32_t type = 0;
    std::uint32_t length = 0; // of the body, without its padding
};

// Reads a record's header and checks that body and padding fit into the file. `stream` names the
// stream in messages.
Result<StreamRecord> read_record(StreamReader &reader, std::string_view stream);

// Skips what is left of the body and checks the padding. No more than the body has been read so
// far.
Status finish_record(StreamReader &reader, const StreamRecord &record);

} // namespace xlsnap
