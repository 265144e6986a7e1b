// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/store/stream_reader.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include <fmt/format.h>

#include "base/byte_order.hpp"

namespace xlsnap {

namespace {

constexpr std::size_t kRecordHeaderSize = 8;

} // namespace

tl::unexpected<Error> invalid_at(std::uint64_t position, std::string_view reason) {
    return fail(ErrorCode::Invalid, fmt::format("at byte {}: {}", position, reason));
}

Status StreamReader::read(std::span<std::byte> out, std::string_view what) {
    XLSNAP_TRY(expect_left(out.size(), what));
    while (!out.empty()) {
        const ssize_t count = ::pread(fd_, out.data(), out.size(), static_cast<off_t>(position_));
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return fail(
                errno_error(errno, fmt::format("cannot read {} at byte {}", what, position_)));
        if (count == 0)
            return invalid_at(position_, fmt::format("the file was cut short while being read, "
                                                     "inside {}",
                                                     what));
        out = out.subspan(static_cast<std::size_t>(count));
        position_ += static_cast<std::uint64_t>(count);
    }
    return {};
}

Status StreamReader::skip(std::uint64_t length, std::string_view what) {
    XLSNAP_TRY(expect_left(length, what));
    position_ += length;
    return {};
}

Status StreamReader::expect_zeros(std::size_t length, std::string_view what) {
    std::array<std::byte, StreamRecord::kAlignment> buffer{};
    while (length > 0) {
        const std::uint64_t start = position_;
        const std::span<std::byte> part(buffer.data(), std::min(length, buffer.size()));
        XLSNAP_TRY(read(part, what));
        if (std::ranges::any_of(part, [](std::byte byte) { return byte != std::byte{0}; }))
            return invalid_at(start, fmt::format("{} should be zero", what));
        length -= part.size();
    }
    return {};
}

Status StreamReader::expect_left(std::uint64_t length, std::string_view what) const {
    if (length <= left())
        return {};
    return invalid_at(position_,
                      fmt::format("{} needs {} bytes, but only {} are left", what, length, left()));
}

Result<StreamRecord> read_record(StreamReader &reader, std::string_view stream) {
    const std::uint64_t position = reader.position();
    const std::string what = fmt::format("the next record of the {} stream", stream);
    XLSNAP_ASSIGN(const auto header, reader.read<kRecordHeaderSize>(what));
    StreamRecord record{position, load_little_endian<std::uint32_t>(header, 0),
                        load_little_endian<std::uint32_t>(header, 4)};
    const std::uint64_t padded = (std::uint64_t{record.length} + StreamRecord::kAlignment - 1) /
                                 StreamRecord::kAlignment * StreamRecord::kAlignment;
    if (padded > reader.left())
        return invalid_at(position,
                          fmt::format("the {} record of type {:#x} has {} bytes with its padding, "
                                      "but the file ends after {}",
                                      stream, record.type, padded, reader.left()));
    return record;
}

Status finish_record(StreamReader &reader, const StreamRecord &record) {
    const std::uint64_t end = record.position + kRecordHeaderSize + record.length;
    XLSNAP_TRY(reader.skip(end - reader.position(), "the record's body"));
    const std::size_t padding =
        (StreamRecord::kAlignment - record.length % StreamRecord::kAlignment) %
        StreamRecord::kAlignment;
    return reader.expect_zeros(padding, "the record's padding");
}

} // namespace xlsnap
