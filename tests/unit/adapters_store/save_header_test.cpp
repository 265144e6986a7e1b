// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/store/save_header.hpp"

#include <fstream>
#include <sstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/save_stream_builder.hpp"

namespace xlsnap::test {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

const std::string kMagic("Xen saved domain, xl format\n \0 \r", 32);
const std::string kTrailerMagic("XLSNAP\0\n", 8);
const std::string kConfig = R"({"c_info":{"name":"g"}})";

struct Fields {
    std::string magic = kMagic;
    std::uint32_t byte_order = 0x0102'0304;
    std::uint32_t mandatory = 3;
    std::uint32_t optional = 0;
};

// A file whose optional data are these.
std::string file_of(const std::string &optional_data, const Fields &fields = {}) {
    return fields.magic +
           le32({fields.byte_order, fields.mandatory, fields.optional,
                 static_cast<std::uint32_t>(optional_data.size())}) +
           optional_data + "stream";
}

// What stock xl writes.
std::string config_part(const std::string &config = kConfig) {
    return le32({static_cast<std::uint32_t>(config.size() + 1)}) + config + '\0';
}

std::string trailer(const std::string &text) {
    return kTrailerMagic + le32({static_cast<std::uint32_t>(text.size())}) + text;
}

Result<SaveHeader> read(const std::string &bytes) {
    const UniqueFd fd = file_with(bytes);
    return read_save_header(fd.get(), bytes.size());
}

void expect_refused(const std::string &bytes, const std::string &reason) {
    const auto header = read(bytes);
    ASSERT_FALSE(header.has_value()) << reason;
    EXPECT_EQ(header.error().code, ErrorCode::Invalid);
    EXPECT_THAT(header.error().message, HasSubstr(reason));
}

// The bytes of the example in docs/memory-image.md.
std::string documented_example() {
    std::ifstream page(XLSNAP_DOCS "/memory-image.md");
    std::string bytes;
    bool inside = false;
    for (std::string line; std::getline(page, line);) {
        if (line == "```hex" || line == "```") {
            inside = line != "```";
            continue;
        }
        std::istringstream columns(inside ? line.substr(10, 47) : "");
        for (unsigned byte = 0; columns >> std::hex >> byte;)
            bytes.push_back(static_cast<char>(byte));
    }
    return bytes;
}

TEST(SaveHeaderTest, IsWhatTheDocumentationShows) {
    const auto header = encode_save_header({kConfig, true});
    ASSERT_TRUE(header.has_value());
    const std::string stream = pvh_save_stream().bytes().substr(0, 24);
    EXPECT_EQ(*header + stream, documented_example());
}

TEST(SaveHeaderTest, ReadsWhatItWrites) {
    for (const bool paused : {true, false}) {
        const auto written = encode_save_header({kConfig, paused});
        ASSERT_TRUE(written.has_value());
        const auto header = read(*written + "stream");
        ASSERT_TRUE(header.has_value()) << header.error().message;
        EXPECT_EQ(header->info.config_json, kConfig);
        EXPECT_EQ(header->info.was_paused, paused);
        EXPECT_EQ(header->stream_position, written->size());
    }
}

TEST(SaveHeaderTest, AFileOfStockXlMeansRunning) {
    const auto header = read(file_of(config_part()));
    ASSERT_TRUE(header.has_value()) << header.error().message;
    EXPECT_EQ(header->info.config_json, kConfig);
    EXPECT_FALSE(header->info.was_paused);
    EXPECT_EQ(header->stream_position, file_of(config_part()).size() - 6);
}

TEST(SaveHeaderTest, OptionalDataOfOthersAreIgnored) {
    for (const std::string other : {"x", "1234567", "12345678", "XLSNAPPY and more"}) {
        const auto header = read(file_of(config_part() + other));
        ASSERT_TRUE(header.has_value()) << header.error().message;
        EXPECT_EQ(header->info.config_json, kConfig);
        EXPECT_FALSE(header->info.was_paused);
    }
}

TEST(SaveHeaderTest, UnknownOptionalFlagsAreIgnored) {
    EXPECT_TRUE(read(file_of(config_part(), {.optional = 0xffff'ffff})).has_value());
}

TEST(SaveHeaderTest, IsRefusedWhenCutAnywhere) {
    const auto written = encode_save_header({kConfig, true});
    ASSERT_TRUE(written.has_value());
    const UniqueFd fd = file_with(*written);
    for (std::size_t size = 0; size < written->size(); ++size) {
        const auto header = read_save_header(fd.get(), size);
        ASSERT_FALSE(header.has_value()) << size;
        EXPECT_THAT(header.error().message, HasSubstr("bytes, but only"));
    }
}

TEST(SaveHeaderTest, OtherFilesAreRefused) {
    expect_refused(file_of(config_part(), {.magic = std::string(32, 'x')}),
                   "this is not a file of xl save");
    expect_refused(file_of(config_part(), {.byte_order = 0x0403'0201}),
                   "at byte 32: written by a machine of another byte order");
    expect_refused(file_of(config_part(), {.mandatory = 7}),
                   "at byte 36: mandatory flags 0x7 are unknown; it needs a newer xl");
    for (const std::uint32_t old : {0U, 1U, 2U})
        expect_refused(file_of(config_part(), {.mandatory = old}),
                       "at byte 36: the file has the format of Xen 4.5 or older");
}

TEST(SaveHeaderTest, TheConfigurationMustLieInsideTheOptionalData) {
    expect_refused(file_of(""), "the length of a configuration needs 4 bytes, but only 0 are left");
    expect_refused(file_of(le32({6}) + "{}"),
                   "at byte 52: the configuration needs 6 bytes, but only 2 are left");
    expect_refused(file_of(le32({0xffff'ffff}) + "{}"),
                   "at byte 48: a configuration of 4294967295 bytes; at most 16777216 are read");
}

TEST(SaveHeaderTest, TheConfigurationIsATextWithOneNul) {
    for (const std::string &config :
         {le32({0}), le32({1}) + '\0', le32({2}) + "{}", le32({4}) + std::string("{\0}\0", 4)})
        expect_refused(file_of(config),
                       "at byte 52: the configuration is not a text that ends with a NUL");
}

TEST(SaveHeaderTest, ATrailerOfANewerVersionIsRefusedByName) {
    const auto header =
        read(file_of(config_part() + trailer(R"({"version":2,"state":"frozen","more":[]})")));
    ASSERT_FALSE(header.has_value());
    EXPECT_EQ(header.error().code, ErrorCode::NotImplemented);
    EXPECT_EQ(header.error().message, "at byte 88: the trailer: written by a newer xlsnap: version "
                                      "2, this one reads up to 1; use that xlsnap");
}

TEST(SaveHeaderTest, UnknownMembersOfTheTrailerAreIgnored) {
    const auto header =
        read(file_of(config_part() + trailer(R"({"version":1,"state":"paused","more":[1]})")));
    ASSERT_TRUE(header.has_value()) << header.error().message;
    EXPECT_TRUE(header->info.was_paused);
}

TEST(SaveHeaderTest, AMalformedTrailerIsRefused) {
    const auto refused = [](const std::string &text, const std::string &reason) {
        expect_refused(file_of(config_part() + trailer(text)), "the trailer: " + reason);
    };
    refused("", "malformed JSON");
    refused("{", "malformed JSON");
    refused(R"([])", "no version");
    refused(R"({"state":"paused"})", "no version");
    refused(R"({"version":"1","state":"paused"})", "no version");
    refused(R"({"version":0,"state":"paused"})", "no version");
    refused(R"({"version":-1,"state":"paused"})", "no version");
    refused(R"({"version":1})", "no state that is known");
    refused(R"({"version":1,"state":"dying"})", "no state that is known");
    refused(R"({"version":1,"state":true})", "no state that is known");
    refused(R"({"version":1,"state":"paused","x":[[[[[[[[[]]]]]]]]]})", "JSON refused: nested");
}

TEST(SaveHeaderTest, ATrailerThatDoesNotEndWithTheOptionalDataIsRefused) {
    const std::string whole = config_part() + trailer(R"({"version":1,"state":"paused"})");
    expect_refused(file_of(whole + "x"), "1 bytes follow the trailer");
    expect_refused(file_of(whole.substr(0, whole.size() - 1)), "but only 29 are left");
    expect_refused(file_of(config_part() + kTrailerMagic), "the length of a trailer needs 4 bytes");
    expect_refused(file_of(config_part() + kTrailerMagic + le32({65537}) + std::string(65537, ' ')),
                   "a trailer of 65537 bytes; at most 65536 are read");
}

TEST(SaveHeaderTest, AConfigurationThatXlCouldNotReadIsNotWritten) {
    for (const std::string &config :
         {std::string(), std::string("{\0}", 3), std::string(std::size_t{16} << 20, ' ')}) {
        const auto header = encode_save_header({config, false});
        ASSERT_FALSE(header.has_value());
        EXPECT_EQ(header.error().code, ErrorCode::Invalid);
        EXPECT_THAT(header.error().message, StartsWith("the domain's configuration"));
    }
}

TEST(SaveHeaderTest, TheLargestConfigurationThatIsWrittenIsRead) {
    const std::string config((std::size_t{16} << 20) - 1, ' ');
    const auto written = encode_save_header({config, false});
    ASSERT_TRUE(written.has_value());
    const auto header = read(*written);
    ASSERT_TRUE(header.has_value()) << header.error().message;
    EXPECT_EQ(header->info.config_json.size(), config.size());
}

} // namespace
} // namespace xlsnap::test
