// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/store/stream_reader.hpp"

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/byte_order.hpp"
#include "support/save_stream_builder.hpp"
#include "support/thread_conditions.hpp"

namespace xlsnap::test {
namespace {

using ::testing::HasSubstr;

template <typename T> std::string message(const Result<T> &result) {
    return result ? "success" : result.error().message;
}

TEST(ByteOrderTest, LoadsBothOrdersAtAnyPlace) {
    const std::array<std::byte, 9> bytes = {std::byte{0},    std::byte{0x81}, std::byte{0x02},
                                            std::byte{0x03}, std::byte{0x04}, std::byte{0x05},
                                            std::byte{0x06}, std::byte{0x07}, std::byte{0x88}};
    EXPECT_EQ(load_big_endian<std::uint64_t>(bytes, 1), 0x8102'0304'0506'0788U);
    EXPECT_EQ(load_little_endian<std::uint64_t>(bytes, 1), 0x8807'0605'0403'0281U);
    EXPECT_EQ(load_big_endian<std::uint32_t>(bytes, 1), 0x8102'0304U);
    EXPECT_EQ(load_little_endian<std::uint32_t>(bytes, 1), 0x0403'0281U);
    EXPECT_EQ(load_little_endian<std::uint16_t>(bytes, 1), 0x0281U);
}

TEST(StreamReaderTest, ReadsPieceAfterPiece) {
    const UniqueFd fd = file_with("xxabcdyy");
    StreamReader reader(fd.get(), 2, 8);
    const auto first = reader.read<3>("the first");
    ASSERT_TRUE(first.has_value());
    EXPECT_EQ((*first)[2], std::byte{'c'});
    ASSERT_TRUE(reader.skip(1, "the second").has_value());
    EXPECT_EQ(reader.position(), 6U);
    EXPECT_EQ(reader.left(), 2U);
}

TEST(StreamReaderTest, RefusesToReadOrSkipBehindTheEnd) {
    const UniqueFd fd = file_with("abcd");
    StreamReader reader(fd.get(), 1, 4);
    EXPECT_EQ(message(reader.read<4>("a header")),
              "at byte 1: a header needs 4 bytes, but only 3 are left");
    EXPECT_EQ(message(reader.skip(0xffff'ffff'ffff'ffff, "a page")),
              "at byte 1: a page needs 18446744073709551615 bytes, but only 3 are left");
    EXPECT_EQ(reader.position(), 1U);
}

TEST(StreamReaderTest, NoticesThatTheFileShrinksMeanwhile) {
    const UniqueFd fd = file_with("abcd");
    StreamReader reader(fd.get(), 0, 4);
    ASSERT_EQ(::ftruncate(fd.get(), 2), 0);
    const auto bytes = reader.read<4>("a header");
    ASSERT_FALSE(bytes.has_value());
    EXPECT_EQ(bytes.error().code, ErrorCode::Invalid);
    EXPECT_EQ(bytes.error().message,
              "at byte 2: the file was cut short while being read, inside a header");
}

TEST(StreamReaderTest, SaysWhereReadingFails) {
    const UniqueFd fd = file_with("abcd");
    with_failing({SYS_pread64}, EIO, [&fd] {
        StreamReader reader(fd.get(), 1, 4);
        const auto bytes = reader.read<2>("a header");
        ASSERT_FALSE(bytes.has_value());
        EXPECT_EQ(bytes.error().code, ErrorCode::Fail);
        EXPECT_EQ(bytes.error().message, "cannot read a header at byte 1: Input/output error");
    });
}

TEST(StreamReaderTest, WantsZeros) {
    const UniqueFd fd = file_with(std::string("\0\0\0\0\0\0\0\0\0\0\1", 11));
    StreamReader good(fd.get(), 0, 11);
    EXPECT_TRUE(good.expect_zeros(10, "the padding").has_value());
    EXPECT_EQ(good.position(), 10U);
    StreamReader bad(fd.get(), 0, 11);
    EXPECT_EQ(message(bad.expect_zeros(11, "the padding")),
              "at byte 8: the padding should be zero");
}

TEST(StreamRecordTest, BodyAndPaddingMustFitIntoTheFile) {
    const std::string record = le32({7, 9}) + std::string(16, '\0');
    const UniqueFd fd = file_with(record);
    StreamReader whole(fd.get(), 0, record.size());
    const auto read = read_record(whole, "libxl");
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->type, 7U);
    EXPECT_EQ(read->length, 9U);
    EXPECT_TRUE(finish_record(whole, *read).has_value());
    EXPECT_EQ(whole.left(), 0U);

    StreamReader cut(fd.get(), 0, record.size() - 1);
    EXPECT_EQ(message(read_record(cut, "libxl")),
              "at byte 0: the libxl record of type 0x7 has 16 bytes with its padding, but the file "
              "ends after 15");
}

TEST(StreamRecordTest, TheLargestLengthDoesNotWrapAround) {
    const UniqueFd fd = file_with(le32({1, 0xffff'ffff}) + "body");
    StreamReader reader(fd.get(), 0, 12);
    EXPECT_THAT(message(read_record(reader, "libxl")), HasSubstr("has 4294967296 bytes"));
}

TEST(StreamRecordTest, PaddingMustBeZero) {
    const UniqueFd fd = file_with(le32({1, 3}) + std::string("abc\0\0x\0\0", 8));
    StreamReader reader(fd.get(), 0, 16);
    const auto record = read_record(reader, "libxl");
    ASSERT_TRUE(record.has_value());
    EXPECT_EQ(message(finish_record(reader, *record)),
              "at byte 11: the record's padding should be zero");
}

} // namespace
} // namespace xlsnap::test
