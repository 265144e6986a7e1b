// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/store/libxc_records.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/store/libxc_stream_walker.hpp"
#include "support/save_stream_builder.hpp"

namespace xlsnap::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::size_t kLibxlPart = 16 + 8; // the libxl header and its record of type 1

// "whole", or why the libxc stream inside is refused.
std::string walk_libxc(const SaveStream &stream) {
    const std::string bytes = stream.bytes();
    const UniqueFd fd = file_with(bytes);
    StreamReader reader(fd.get(), kLibxlPart, bytes.size());
    const Result<LibxcGuest> guest = walk_libxc_stream(reader);
    if (!guest) {
        EXPECT_EQ(guest.error().code, ErrorCode::Invalid) << guest.error().message;
        return guest.error().message;
    }
    EXPECT_EQ(reader.left(), 8U) << "what libxl has behind it";
    return "whole";
}

// The stream with another body in the first record of the type.
std::string walk_with(SaveStream stream, std::uint32_t type, std::string body) {
    part(stream.libxc, type).body = std::move(body);
    return walk_libxc(stream);
}

TEST(LibxcStreamTest, SaysWhetherTheGuestIsPv) {
    for (const bool pv : {true, false}) {
        const std::string bytes = (pv ? pv_save_stream() : pvh_save_stream()).bytes();
        const UniqueFd fd = file_with(bytes);
        StreamReader reader(fd.get(), kLibxlPart, bytes.size());
        const Result<LibxcGuest> guest = walk_libxc_stream(reader);
        ASSERT_TRUE(guest.has_value());
        EXPECT_EQ(guest->pv, pv);
    }
}

TEST(LibxcStreamTest, NamesTheRecordsThatAreMissingAtTheEnd) {
    const auto without = [](SaveStream stream, std::uint32_t type) {
        remove_part(stream.libxc, type);
        return walk_libxc(stream);
    };
    EXPECT_THAT(without(pvh_save_stream(), 0x09), HasSubstr("there was HVM_CONTEXT"));
    EXPECT_THAT(without(pvh_save_stream(), 0x0a), HasSubstr("there was HVM_PARAMS"));
    EXPECT_THAT(without(pvh_save_stream(), 0x01),
                AllOf(StartsWith("END: at byte"), HasSubstr("there was PAGE_DATA")));
    EXPECT_THAT(without(pv_save_stream(), 0x07), HasSubstr("there was SHARED_INFO"));
    EXPECT_THAT(without(pv_save_stream(), 0x04), HasSubstr("there was X86_PV_VCPU_BASIC"));

    SaveStream nothing = pv_save_stream();
    nothing.libxc = {{0x10, ""}, {0x00, ""}};
    EXPECT_THAT(walk_libxc(nothing),
                HasSubstr("there was PAGE_DATA, X86_PV_INFO, X86_PV_P2M_FRAMES, "
                          "X86_PV_VCPU_BASIC, SHARED_INFO"));
}

TEST(LibxcStreamTest, PvRecordsComeInTheOrderOfTheirDependence) {
    const auto first = [](std::uint32_t type) {
        SaveStream stream = pv_save_stream();
        const StreamPart moved = part(stream.libxc, type);
        remove_part(stream.libxc, type);
        stream.libxc.insert(stream.libxc.begin() + 4, moved); // right behind STATIC_DATA_END
        return walk_libxc(stream);
    };
    EXPECT_THAT(first(0x01), AllOf(StartsWith("PAGE_DATA"),
                                   HasSubstr("comes before there was X86_PV_P2M_FRAMES")));
    EXPECT_THAT(first(0x04), HasSubstr("comes before there was PAGE_DATA"));
    EXPECT_THAT(first(0x0c), HasSubstr("comes before there was PAGE_DATA"));
    EXPECT_EQ(first(0x07), "whole");

    SaveStream stream = pv_save_stream();
    remove_part(stream.libxc, 0x02);
    EXPECT_THAT(walk_libxc(stream), HasSubstr("comes before there was X86_PV_INFO"));
}

TEST(LibxcStreamTest, EachRecordBelongsToItsKindOfGuest) {
    SaveStream pv = pv_save_stream();
    SaveStream pvh = pvh_save_stream();
    for (const std::uint32_t type : {0x02U, 0x03U, 0x04U, 0x05U, 0x06U, 0x07U, 0x0cU}) {
        SaveStream stream = pvh;
        insert_before(stream.libxc, 0, part(pv.libxc, type));
        EXPECT_THAT(walk_libxc(stream), HasSubstr("does not belong to an HVM or PVH guest"));
    }
    for (const std::uint32_t type : {0x09U, 0x0aU}) {
        SaveStream stream = pv;
        insert_before(stream.libxc, 0, part(pvh.libxc, type));
        EXPECT_THAT(walk_libxc(stream), HasSubstr("does not belong to a PV guest"));
    }
}

TEST(LibxcStreamTest, StaticDataStandInFrontOfTheState) {
    SaveStream stream = pvh_save_stream();
    remove_part(stream.libxc, 0x10);
    EXPECT_THAT(walk_libxc(stream), HasSubstr("PAGE_DATA: at byte"));
    EXPECT_THAT(walk_libxc(stream), HasSubstr("comes before STATIC_DATA_END"));
    for (const std::uint32_t type : {0x10U, 0x11U, 0x12U}) {
        stream = pvh_save_stream();
        insert_before(stream.libxc, 0, part(stream.libxc, type));
        EXPECT_THAT(walk_libxc(stream), HasSubstr("comes after STATIC_DATA_END"));
    }
    stream = pv_save_stream();
    insert_before(stream.libxc, 0, part(stream.libxc, 0x02));
    EXPECT_THAT(walk_libxc(stream), HasSubstr("comes after STATIC_DATA_END"));
}

TEST(LibxcStreamTest, ALargerRecordThanLibxcTakesIsRefused) {
    SaveStream stream = pvh_save_stream();
    insert_before(stream.libxc, 0, {0x8000'0100, ""});
    const std::size_t record = stream.records()[stream.records().size() - 3];
    constexpr std::uint32_t kLength = (std::uint32_t{128} << 20) + 1;
    const UniqueFd fd = file_with(stream.bytes());
    const std::uint64_t size = record + 8 + kLength + 4096;
    ASSERT_EQ(::ftruncate(fd.get(), static_cast<off_t>(size)), 0);
    const std::string length = le32({kLength});
    ASSERT_EQ(::pwrite(fd.get(), length.data(), 4, static_cast<off_t>(record) + 4), 4);
    StreamReader reader(fd.get(), kLibxlPart, size);
    const Result<LibxcGuest> guest = walk_libxc_stream(reader);
    ASSERT_FALSE(guest.has_value());
    EXPECT_EQ(guest.error().message,
              "at byte " + std::to_string(record) +
                  ": a libxc record of 134217729 bytes; at most 134217728 are allowed");
}

TEST(PageDataTest, CountsThePagesThatComeWithData) {
    // All types that have a page, then all that have none.
    EXPECT_EQ(walk_with(pv_save_stream(), 0x01,
                        page_data_body({0x0000'0000'0000'0001, 0x1000'0000'0000'0002,
                                        0x4000'0000'0000'0003, 0x9000'0000'0000'0004,
                                        0xc00f'ffff'ffff'ffff, 0xd000'0000'0000'0005,
                                        0xe000'0000'0000'0006, 0xf000'0000'0000'0007})),
              "whole");
    EXPECT_EQ(walk_with(pvh_save_stream(), 0x01, page_data_body({0xf000'0000'0000'0000})), "whole");
}

TEST(PageDataTest, ListsLongerThanABufferAreWalked) {
    std::vector<std::uint64_t> entries(1500, 0xf000'0000'0000'0000);
    entries.back() = 1;
    EXPECT_EQ(walk_with(pvh_save_stream(), 0x01, page_data_body(entries)), "whole");
    entries.back() = 0x5000'0000'0000'0000;
    EXPECT_THAT(walk_with(pvh_save_stream(), 0x01, page_data_body(entries)),
                HasSubstr("0x5000000000000000 is no valid page"));
}

TEST(PageDataTest, UnknownTypesAndReservedBitsAreRefused) {
    for (const std::uint64_t entry :
         {0x5000'0000'0000'0000U, 0x6000'0000'0000'0000U, 0x7000'0000'0000'0000U,
          0x8000'0000'0000'0000U, 0x0010'0000'0000'0000U, 0xf800'0000'0000'0000U})
        EXPECT_THAT(walk_with(pvh_save_stream(), 0x01, page_data_body({0, entry})),
                    HasSubstr("is no valid page"));
}

TEST(PageDataTest, LengthMustFitTheList) {
    const auto refused = [](std::string body) {
        return walk_with(pvh_save_stream(), 0x01, std::move(body));
    };
    EXPECT_THAT(refused(""), HasSubstr("should have at least 8"));
    EXPECT_THAT(refused(le32({0, 0})), HasSubstr("there is no page"));
    EXPECT_THAT(refused(le32({1, 1}) + le64({0})), HasSubstr("a reserved field is not zero"));
    EXPECT_THAT(refused(le32({0xffff'ffff, 0}) + le64({0})),
                HasSubstr("should have room for a list of 4294967295 pages"));
    EXPECT_THAT(refused(page_data_body({0, 1}) + std::string(8, '\0')),
                HasSubstr("has 8224 bytes, but should have 8216 for 2 pages, 2 of them with data"));
    EXPECT_THAT(refused(page_data_body({0, 1}).substr(0, 8 + 16 + 4096)),
                HasSubstr("has 4120 bytes, but should have 8216"));
}

TEST(PvRecordTest, InfoSaysWidthAndLevels) {
    const auto with_info = [](const char *body, std::size_t size = 8) {
        return walk_with(pv_save_stream(), 0x02, std::string(body, size));
    };
    EXPECT_THAT(with_info("\x08\x04\0\0", 4), HasSubstr("has 4 bytes, but should have 8"));
    EXPECT_THAT(with_info("\x07\x04\0\0\0\0\0\0"), HasSubstr("a guest of 7 byte words"));
    EXPECT_THAT(with_info("\x08\x05\0\0\0\0\0\0"), HasSubstr("with 5 levels"));
    EXPECT_THAT(with_info("\x08\x04\0\0\0\0\0\1"), HasSubstr("a reserved field is not zero"));
}

TEST(PvRecordTest, FramesCoverTheGuestsPages) {
    const auto with_frames = [](std::string body) {
        return walk_with(pv_save_stream(), 0x03, std::move(body));
    };
    EXPECT_EQ(with_frames(le32({512, 1023}) + le64({1})), "whole"); // 512 pages per frame
    EXPECT_EQ(with_frames(le32({511, 512}) + le64({1, 2})), "whole");
    EXPECT_THAT(with_frames(le32({0, 512}) + le64({1})),
                HasSubstr("has 16 bytes, but should have 24 for pages 0x0 to 0x200"));
    EXPECT_THAT(with_frames(le32({0, 0xffff'ffff}) + le64({1})),
                HasSubstr("should have 67108872 for pages 0x0 to 0xffffffff"));
    EXPECT_THAT(with_frames(le32({2, 1}) + le64({1})),
                HasSubstr("the first page 0x2 lies behind the last 0x1"));
    EXPECT_THAT(with_frames("1234"), HasSubstr("should have at least 8"));

    SaveStream narrow = pv_save_stream();
    part(narrow.libxc, 0x02).body = std::string("\x04\x03\0\0\0\0\0\0", 8);
    EXPECT_EQ(walk_with(narrow, 0x03, le32({0, 1023}) + le64({1})), "whole"); // 1024 per frame
}

TEST(PvRecordTest, VirtualCpusMayBeEmpty) {
    for (const std::uint32_t type : {0x04U, 0x05U, 0x06U, 0x0cU}) {
        EXPECT_EQ(walk_with(pv_save_stream(), type, le32({0, 0})), "whole");
        EXPECT_THAT(walk_with(pv_save_stream(), type, le32({0})),
                    HasSubstr("should have at least 8"));
        EXPECT_THAT(walk_with(pv_save_stream(), type, le32({0, 1})),
                    HasSubstr("a reserved field is not zero"));
    }
}

TEST(HvmRecordTest, ParametersMatchTheirCount) {
    const auto with_params = [](std::string body) {
        return walk_with(pvh_save_stream(), 0x0a, std::move(body));
    };
    EXPECT_EQ(with_params(le32({0, 0})), "whole");
    EXPECT_THAT(with_params(le32({1, 0})), HasSubstr("should have 24 for 1 parameters"));
    EXPECT_THAT(with_params(le32({0, 0}) + le64({1, 2})),
                HasSubstr("has 24 bytes, but should have 8"));
    EXPECT_THAT(with_params(le32({0xffff'ffff, 0})),
                HasSubstr("should have 68719476728 for 4294967295 parameters"));
    EXPECT_THAT(with_params(""), HasSubstr("should have at least 8"));
}

TEST(RecordOfFixedSizeTest, OtherSizesAreRefused) {
    EXPECT_THAT(walk_with(pvh_save_stream(), 0x08, std::string(16, '\0')),
                HasSubstr("has 16 bytes, but should have 24"));
    EXPECT_THAT(walk_with(pvh_save_stream(), 0x08, std::string(20, 'x') + le32({1})),
                HasSubstr("a reserved field of X86_TSC_INFO should be zero"));
    EXPECT_THAT(walk_with(pv_save_stream(), 0x07, std::string(4095, 'x')),
                HasSubstr("has 4095 bytes, but should have 4096"));
    EXPECT_THAT(walk_with(pvh_save_stream(), 0x10, "x"),
                HasSubstr("has 1 bytes, but should have 0"));
    EXPECT_THAT(walk_with(pvh_save_stream(), 0x00, "x"),
                HasSubstr("has 1 bytes, but should have 0"));
    EXPECT_THAT(walk_with(pvh_save_stream(), 0x09, ""), HasSubstr("should not be empty"));
    EXPECT_THAT(walk_with(pvh_save_stream(), 0x11, std::string(25, 'x')),
                HasSubstr("should be a multiple of 24"));
    EXPECT_THAT(walk_with(pvh_save_stream(), 0x11, ""), HasSubstr("should be a multiple of 24"));
    EXPECT_THAT(walk_with(pvh_save_stream(), 0x12, std::string(24, 'x')),
                HasSubstr("should be a multiple of 16"));
}

} // namespace
} // namespace xlsnap::test
