// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/store/save_stream_walker.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/save_stream_builder.hpp"

namespace xlsnap::test {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// "whole", or why the walker refuses the bytes.
std::string walk(const std::string &bytes) {
    const UniqueFd fd = file_with(bytes);
    const Status status = walk_save_stream(fd.get(), 0, bytes.size());
    if (status)
        return "whole";
    EXPECT_EQ(status.error().code, ErrorCode::Invalid) << status.error().message;
    return status.error().message;
}

std::string walk(const SaveStream &stream) {
    return walk(stream.bytes());
}

struct NamedStream {
    const char *name;
    SaveStream (*make)();
};

void PrintTo(const NamedStream &stream, std::ostream *out) {
    *out << stream.name;
}

class SaveStreamOfEachGuestTest : public ::testing::TestWithParam<NamedStream> {
  protected:
    SaveStream stream_ = GetParam().make();
};

INSTANTIATE_TEST_SUITE_P(Guests, SaveStreamOfEachGuestTest,
                         ::testing::Values(NamedStream{"pv", pv_save_stream},
                                           NamedStream{"pvh", pvh_save_stream},
                                           NamedStream{"hvm", hvm_save_stream}),
                         [](const auto &guest) { return guest.param.name; });

TEST_P(SaveStreamOfEachGuestTest, IsAccepted) {
    EXPECT_EQ(walk(stream_), "whole");
}

TEST_P(SaveStreamOfEachGuestTest, IsAcceptedBehindAHeader) {
    const std::string bytes = stream_.bytes();
    const UniqueFd fd = file_with("header of odd size" + bytes);
    EXPECT_TRUE(walk_save_stream(fd.get(), 18, 18 + bytes.size()).has_value());
}

TEST_P(SaveStreamOfEachGuestTest, IsRefusedWhenCutAnywhere) {
    const std::string bytes = stream_.bytes();
    const UniqueFd fd = file_with(bytes);
    const std::vector<std::size_t> boundaries = stream_.boundaries();
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        const auto next = std::ranges::lower_bound(boundaries, size);
        if (*next - size > 128 && size % 61 != 0) // inside a page; some places are enough
            continue;
        const Status status = walk_save_stream(fd.get(), 0, size);
        ASSERT_FALSE(status.has_value()) << "cut after " << size << " bytes";
        EXPECT_EQ(status.error().code, ErrorCode::Invalid);
        ASSERT_THAT(status.error().message, ContainsRegex("at byte [0-9]+: "));
    }
}

TEST_P(SaveStreamOfEachGuestTest, SaysWhichRecordIsMissingWhenCutBetweenTwo) {
    const std::string bytes = stream_.bytes();
    for (const std::size_t boundary : stream_.records())
        EXPECT_THAT(walk(bytes.substr(0, boundary)),
                    AllOf(HasSubstr("at byte " + std::to_string(boundary) + ": the next record"),
                          HasSubstr("needs 8 bytes, but only 0 are left")));
}

TEST_P(SaveStreamOfEachGuestTest, IsRefusedWhenAnyRecordsLengthIsWrong) {
    const std::string bytes = stream_.bytes();
    for (const std::size_t record : stream_.records()) {
        std::uint32_t length = 0;
        std::memcpy(&length, bytes.data() + record + 4, sizeof(length));
        for (const std::uint32_t other :
             {length - 1, length + 1, length - 8, length + 8, length + 4096, 0xffff'ffffU}) {
            std::string changed = bytes;
            std::memcpy(changed.data() + record + 4, &other, sizeof(other));
            EXPECT_NE(walk(changed), "whole")
                << "record at " << record << ": " << other << " for " << length;
        }
    }
}

TEST_P(SaveStreamOfEachGuestTest, IsRefusedWhenARecordHasAnUnknownMandatoryType) {
    const std::string bytes = stream_.bytes();
    for (const std::size_t record : stream_.records()) {
        std::string changed = bytes;
        changed[record] = '\x7f';
        EXPECT_THAT(walk(changed), HasSubstr("record of type 0x7f"));
    }
}

TEST_P(SaveStreamOfEachGuestTest, UnknownOptionalRecordsAreSkipped) {
    stream_.libxc.insert(stream_.libxc.begin(), {0x8000'0100, "something"});
    insert_before(stream_.libxc, 0, {0xffff'ffff, ""});
    stream_.libxl.insert(stream_.libxl.begin(), {0x8000'0100, "something else"});
    insert_before(stream_.libxl, 0, {0x8000'0006, ""});
    EXPECT_EQ(walk(stream_), "whole");
}

TEST_P(SaveStreamOfEachGuestTest, NothingMayFollowTheEnd) {
    const std::string bytes = stream_.bytes();
    EXPECT_EQ(walk(bytes + '\0'),
              "at byte " + std::to_string(bytes.size()) + ": 1 bytes follow the end of the stream");
    EXPECT_THAT(walk(bytes + bytes), HasSubstr("bytes follow the end of the stream"));
}

TEST_P(SaveStreamOfEachGuestTest, VersionTwoOfLibxcHasNoStaticData) {
    stream_.libxc_version = 2;
    EXPECT_THAT(walk(stream_), HasSubstr("does not belong into a version 2 stream"));
    for (const std::uint32_t type : {0x10U, 0x11U, 0x12U})
        remove_part(stream_.libxc, type);
    EXPECT_EQ(walk(stream_), "whole");
}

TEST_P(SaveStreamOfEachGuestTest, RemusAndColoStreamsAreRefused) {
    for (const std::uint32_t type : {0x0eU, 0x0fU, 0x0bU}) {
        SaveStream changed = stream_;
        insert_before(changed.libxc, 0, {type, ""});
        EXPECT_THAT(walk(changed), HasSubstr("does not belong into a save file"));
    }
    for (const std::uint32_t type : {4U, 5U}) {
        SaveStream changed = stream_;
        insert_before(changed.libxl, 0, {type, ""});
        EXPECT_THAT(walk(changed), HasSubstr("does not belong into a save file"));
    }
}

TEST_P(SaveStreamOfEachGuestTest, MemorySentAgainForVerificationIsAccepted) {
    insert_before(stream_.libxc, 0x08, {0x0d, ""});
    insert_before(stream_.libxc, 0x08, {0x01, page_data_body({0})});
    EXPECT_EQ(walk(stream_), "whole");
}

TEST_P(SaveStreamOfEachGuestTest, FlippingABitOfAnyHeaderIsNoticed) {
    const std::string bytes = stream_.bytes();
    // What says nothing about the stream's structure: Xen's version in the domain header, and that
    // the stream was once converted from the format of Xen 4.5.
    const std::size_t domain_header = 16 + 8 + 24;
    const auto is_free = [&](std::size_t byte, int bit) {
        return (byte >= domain_header + 8 && byte < domain_header + 16) || (byte == 15 && bit == 1);
    };
    const std::size_t end = domain_header + 16;
    for (std::size_t byte = 0; byte < end; ++byte) {
        for (int bit = 0; bit < 8; ++bit) {
            std::string changed = bytes;
            changed[byte] = static_cast<char>(changed[byte] ^ (1 << bit));
            EXPECT_EQ(walk(changed) == "whole", is_free(byte, bit)) << byte << " bit " << bit;
        }
    }
}

// The highest bit would make a record optional, and a restore would do without it. The lowest four
// make another record that is known, perhaps of the same shape.
TEST_P(SaveStreamOfEachGuestTest, FlippingAHigherBitOfAnyRecordsTypeIsNoticed) {
    const std::string bytes = stream_.bytes();
    for (const std::size_t record : stream_.records())
        for (std::size_t bit = 4; bit < 32; ++bit) {
            std::string changed = bytes;
            char &byte = changed[record + bit / 8];
            byte = static_cast<char>(byte ^ (1 << bit % 8));
            EXPECT_NE(walk(changed), "whole") << "record at " << record << ", bit " << bit;
        }
}

TEST(SaveStreamWalkerTest, AnEmptyFileIsRefused) {
    EXPECT_EQ(walk(std::string()),
              "at byte 0: the libxl stream header needs 16 bytes, but only 0 are left");
}

TEST(SaveStreamWalkerTest, NamesWhatIsUnknownInTheHeaders) {
    SaveStream stream = pvh_save_stream();
    stream.libxl_version = 3;
    EXPECT_EQ(walk(stream), "at byte 0: the libxl stream has version 3; 2 is known");
    stream = pvh_save_stream();
    stream.libxl_options = 1;
    EXPECT_EQ(walk(stream), "at byte 0: the libxl stream has unknown options or is big-endian");
    stream = pvh_save_stream();
    stream.libxc_version = 4;
    EXPECT_EQ(walk(stream),
              "LIBXC_CONTEXT: at byte 24: the libxc stream has version 4; 2 and 3 are known");
    stream = pvh_save_stream();
    stream.guest_type = 3;
    EXPECT_EQ(walk(stream), "LIBXC_CONTEXT: at byte 48: guest type 3 is unknown");
    stream = pvh_save_stream();
    stream.page_shift = 14;
    EXPECT_EQ(walk(stream), "LIBXC_CONTEXT: at byte 48: the guest's page size is not 4096");
}

TEST(SaveStreamWalkerTest, TheMemoryMustComeFirstAndOnce) {
    SaveStream stream = hvm_save_stream();
    std::swap(stream.libxl[0], stream.libxl[1]);
    EXPECT_EQ(walk(stream),
              "at byte 16: a libxl record of type 0x2 comes before the guest's memory");
    stream = hvm_save_stream();
    remove_part(stream.libxl, 1);
    EXPECT_THAT(walk(stream), HasSubstr("comes before the guest's memory"));
    stream = hvm_save_stream();
    insert_before(stream.libxl, 0, {1, ""});
    EXPECT_THAT(walk(stream), HasSubstr("the guest's memory comes a second time"));
}

TEST(SaveStreamWalkerTest, AStreamThatEndsWithoutTheMemoryIsNone) {
    SaveStream stream = pvh_save_stream();
    stream.libxl = {{0, ""}};
    EXPECT_THAT(walk(stream), HasSubstr("comes before the guest's memory"));
}

TEST(SaveStreamWalkerTest, MarkerRecordsHaveNoBody) {
    SaveStream stream = pvh_save_stream();
    part(stream.libxl, 1).body = "12345678";
    EXPECT_EQ(walk(stream),
              "LIBXC_CONTEXT: at byte 16: the record's body has 8 bytes, but should have none");
    stream = pvh_save_stream();
    part(stream.libxl, 0).body = "1";
    EXPECT_THAT(walk(stream), AllOf(StartsWith("END: at byte"), HasSubstr("should have none")));
}

TEST(SaveStreamWalkerTest, EmulatorsBelongToHvmGuests) {
    SaveStream stream = pv_save_stream();
    insert_before(stream.libxl, 0, {3, le32({2, 0}) + "state"});
    EXPECT_THAT(walk(stream), AllOf(StartsWith("EMULATOR_CONTEXT: "),
                                    HasSubstr("does not belong to a PV guest")));
}

TEST(SaveStreamWalkerTest, EmulatorRecordsSayWhoseTheyAre) {
    SaveStream stream = hvm_save_stream();
    part(stream.libxl, 3).body = le32({2});
    EXPECT_THAT(walk(stream), HasSubstr("has 4 bytes, but should have at least 8"));
    part(stream.libxl, 3).body = le32({3, 0}) + "state";
    EXPECT_THAT(walk(stream), HasSubstr("emulator 3 is unknown"));
    part(stream.libxl, 3).body = le32({1, 0}) + "state";
    EXPECT_EQ(walk(stream), "whole");
}

TEST(SaveStreamWalkerTest, XenstoreDataAreTerminatedPairs) {
    SaveStream stream = hvm_save_stream();
    StreamPart &data = part(stream.libxl, 2);
    const std::string emulator = le32({2, 0});
    data.body = emulator;
    EXPECT_EQ(walk(stream), "whole");
    data.body = emulator + std::string("key\0value\0", 10);
    EXPECT_EQ(walk(stream), "whole");
    data.body = emulator + std::string("key", 4) + std::string(5000, 'v') + '\0';
    EXPECT_EQ(walk(stream), "whole");
    data.body = emulator + std::string("key\0value", 9);
    EXPECT_THAT(walk(stream), HasSubstr("no pairs of key and value"));
    data.body = emulator + std::string("key\0value\0key\0", 14);
    EXPECT_THAT(walk(stream), HasSubstr("no pairs of key and value"));
}

} // namespace
} // namespace xlsnap::test
