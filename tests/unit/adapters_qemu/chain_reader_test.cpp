// SPDX-License-Identifier: LGPL-2.1-only
// Headers that nobody should follow; contract/image_chains_contract.hpp has those of qemu-img.
#include "adapters/qemu/chain_reader.hpp"

#include <fstream>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/temporary_directory.hpp"

namespace xlsnap::test {
namespace {

using ::testing::HasSubstr;

class HandMadeChain : public ::testing::Test {
  protected:
    // A qcow2 image of 4 MiB that names this backing file, and this format unless it is empty.
    std::string make(const std::string &file, const std::string &backing,
                     const std::string &format) {
        std::string bytes(65536, '\0');
        put(bytes, 0, 4, 0x5146'49fb);
        put(bytes, 4, 4, 3);
        put(bytes, 20, 4, 16);
        put(bytes, 24, 8, 4U << 20U);
        put(bytes, 96, 4, 4);
        put(bytes, 100, 4, 104);
        if (!backing.empty()) {
            put(bytes, 8, 8, 512);
            put(bytes, 16, 4, backing.size());
            bytes.replace(512, backing.size(), backing);
        }
        if (!format.empty()) {
            put(bytes, 104, 4, 0xe279'2aca);
            put(bytes, 108, 4, format.size());
            bytes.replace(112, format.size(), format);
        }
        const std::string path = directory_ / file;
        std::ofstream(path, std::ios::binary) << bytes;
        return path;
    }

    static void put(std::string &bytes, std::size_t offset, unsigned size, std::uint64_t number) {
        for (unsigned i = size; i-- > 0; number >>= 8U)
            bytes[offset + i] = static_cast<char>(number & 0xffU);
    }

    static void patch(const std::string &path, unsigned offset, const std::string &bytes) {
        std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(offset);
        file << bytes;
    }

    static void expect(const std::string &path, ErrorCode code, const std::string &words) {
        const auto chain = read_chain(path, DiskFormat::Qcow2);
        ASSERT_FALSE(chain) << path;
        EXPECT_EQ(chain.error().code, code) << chain.error().message;
        EXPECT_THAT(chain.error().message, HasSubstr(words));
        EXPECT_THAT(chain.error().message, HasSubstr(path));
    }

    TemporaryDirectory directory_;
};

TEST_F(HandMadeChain, ARelativeNameIsOneBesideTheImage) {
    make("base", "", "");
    const std::string top = make("top", "base", "qcow2");
    const auto chain = read_chain(top, DiskFormat::Qcow2);
    ASSERT_TRUE(chain) << chain.error().message;
    ASSERT_EQ(chain->size(), 2U);
    EXPECT_EQ(chain->front().backing, directory_ / "base");
    EXPECT_EQ(chain->back().virtual_bytes, 4U << 20U);
}

TEST_F(HandMadeChain, WhatIsNoPathOfAFileIsRefused) {
    for (const char *name :
         {"nbd:localhost:10809", "json:{\"driver\":\"file\"}", "http://host/image", "file:base",
          "fd:3", "/dev/fd/3", "/dev/fdset/1", "/proc/self/fd/3"})
        expect(make("top", name, "raw"), ErrorCode::Invalid, "not the path of a file");
    expect(make("top", std::string("base\0more", 9), "raw"), ErrorCode::Invalid,
           "not the path of a file");
}

TEST_F(HandMadeChain, AFormatThatIsNotRecordedIsNotProbed) {
    make("base", "", "");
    expect(make("top", "base", ""), ErrorCode::Invalid, "qemu-img rebase -u -F");
    expect(make("top", "base", "vmdk"), ErrorCode::NotImplemented, "'vmdk'");
    expect(make("top", "base", "file"), ErrorCode::NotImplemented, "'file'");
}

TEST_F(HandMadeChain, ARawLayerEndsIt) {
    const std::string disk = make("disk", directory_ / "secret", "raw");
    EXPECT_EQ(read_chain(disk, DiskFormat::Raw)->size(), 1U);
    EXPECT_EQ(read_chain(make("top", "disk", "raw"), DiskFormat::Qcow2)->size(), 2U);
}

TEST_F(HandMadeChain, ALoopIsRefused) {
    make("a", "b", "qcow2");
    make("b", "c", "qcow2");
    make("c", "b", "qcow2");
    expect(directory_ / "a", ErrorCode::Invalid, "a loop");
    std::filesystem::create_hard_link(directory_ / "b", directory_ / "d");
    make("c", "d", "qcow2");
    expect(directory_ / "b", ErrorCode::Invalid, "a loop");
}

TEST_F(HandMadeChain, ALongOneIsRefused) {
    make("0", "", "");
    for (int i = 1; i <= 100; ++i)
        make(fmt::format("{}", i), fmt::format("{}", i - 1), "qcow2");
    EXPECT_EQ(read_chain(directory_ / "99", DiskFormat::Qcow2)->size(), 100U);
    expect(directory_ / "100", ErrorCode::Invalid, "more than 99 images");
}

TEST_F(HandMadeChain, WhatIsNeitherFileNorDeviceIsRefused) {
    std::filesystem::create_directory(directory_ / "base");
    expect(make("top", "base", "raw"), ErrorCode::Invalid, "neither a file nor a block device");
    expect(make("top", "/dev/null", "raw"), ErrorCode::Invalid, "neither a file");
}

TEST_F(HandMadeChain, AHeaderThatCannotBeRightIsRefused) {
    const std::string top = make("top", "base", "qcow2");
    for (const auto &[offset, size, number] :
         {std::tuple{8U, 8U, 70000U}, {8U, 8U, 65535U}, {16U, 4U, 1024U}, {108U, 4U, 5000U}}) {
        make("top", "base", "qcow2");
        std::string bytes(size, '\0');
        put(bytes, 0, size, number);
        patch(top, offset, bytes);
        expect(top, ErrorCode::Invalid, "backing file");
    }
}

TEST_F(HandMadeChain, AFormatThatIsRecordedTwiceIsRefused) {
    make("base", "", "");
    for (const std::string first : {"qcow2", "raw"}) {
        const std::string top = make("top", "base", first);
        std::string second(16, '\0');
        put(second, 0, 4, 0xe279'2aca);
        put(second, 4, 4, first == "raw" ? 5 : 3);
        second.replace(8, 5, first == "raw" ? "qcow2" : std::string("raw\0\0", 5));
        patch(top, 120, second);
        expect(top, ErrorCode::Invalid, "the format of the backing file is recorded twice");
    }
}

TEST_F(HandMadeChain, AFormatOfALengthThatQemuRefusesIsRefused) {
    make("base", "", "");
    const std::string top = make("top", "base", "qcow2");
    patch(top, 108, std::string(4, '\0'));
    expect(top, ErrorCode::Invalid, "the format of the backing file is recorded as nothing");
    expect(make("top", "base", std::string(16, 'x')), ErrorCode::Invalid, "QEMU has at most 15");
    expect(make("top", "base", std::string(15, 'x')), ErrorCode::NotImplemented, "'xxx");
}

TEST_F(HandMadeChain, ARawFileIsCountedInSectors) {
    test::put(directory_ / "disk", std::string(1000, 'x'));
    EXPECT_EQ(read_layer(directory_ / "disk", DiskFormat::Raw)->virtual_bytes, 1024U);
}

} // namespace
} // namespace xlsnap::test
