// SPDX-License-Identifier: LGPL-2.1-only
// What may lie beside an image; contract/image_chains_contract.hpp has the overlays of qemu-img.
#include "adapters/qemu/backed_images.hpp"

#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/unique_fd.hpp"
#include "support/temporary_directory.hpp"

namespace xlsnap::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

void put_number(std::string &bytes, std::size_t offset, unsigned size, std::uint64_t number) {
    for (unsigned i = size; i-- > 0; number >>= 8U)
        bytes[offset + i] = static_cast<char>(number & 0xffU);
}

// The first 512 bytes of an image of any version, with the name behind them.
std::string head_naming(const std::string &name, std::uint64_t offset, std::uint64_t length) {
    std::string bytes(512, '\0');
    put_number(bytes, 0, 4, 0x5146'49fb);
    put_number(bytes, 4, 4, 99);
    put_number(bytes, 8, 8, offset);
    put_number(bytes, 16, 4, length);
    return bytes + name;
}

class BackedImages : public ::testing::Test {
  protected:
    void write(const std::string &file, const std::string &bytes) {
        std::ofstream(directory_ / file, std::ios::binary) << bytes;
    }
    void write_overlay(const std::string &file, const std::string &name) {
        write(file, head_naming(name, 512, name.size()));
    }
    std::vector<std::string> backings() {
        const auto found = read_backed_images(directory_ / "");
        EXPECT_TRUE(found) << found.error().message;
        std::vector<std::string> names;
        for (const BackedImage &image : found.value_or(std::vector<BackedImage>()))
            names.push_back(image.backing);
        return names;
    }

    TemporaryDirectory directory_;
};

TEST_F(BackedImages, AreToldWhateverVersionTheyHaveAndHoweverTheyNameIt) {
    write("base", "");
    write_overlay("a", directory_ / "base");
    write_overlay("b", "base");
    write_overlay("c", "json:{\"file\":\"base\"}");
    write_overlay("d", "/no/such");
    EXPECT_THAT(backings(), ElementsAre(directory_ / "base", directory_ / "base",
                                        "json:{\"file\":\"base\"}", "/no/such"));
}

TEST_F(BackedImages, AreNotWhatQemuCouldNotOpenAsOverlays) {
    write("empty", "");
    write("short", "QFI\xfb");
    write("raw", std::string(4096, 'x'));
    write("alone", head_naming("", 0, 0));
    write("cut", head_naming("/ba", 512, 5));
    write("long", head_naming(std::string(2000, 'x'), 512, 2000));
    write("far", head_naming("/base", std::uint64_t{1} << 40U, 5));
    write("wrapped", head_naming("/base", ~std::uint64_t{0}, 5));
    EXPECT_THAT(backings(), IsEmpty());
}

TEST_F(BackedImages, AreLookedForInRegularFilesOfThisDirectoryAlone) {
    std::filesystem::create_directory(directory_ / "folder");
    write_overlay("folder/x", "/base");
    std::filesystem::create_symlink(directory_ / "folder/x", directory_ / "link");
    ASSERT_EQ(::mkfifo((directory_ / "fifo").c_str(), 0600), 0);
    write_overlay(".x.123.tmp", "/base");
    EXPECT_THAT(backings(), IsEmpty());
}

// A guest may write whatever it likes to its raw disk.
TEST_F(BackedImages, HaveNothingOpenedThatTheyName) {
    std::filesystem::create_directory(directory_ / "hers");
    write("hers/secret", "x");
    write_overlay("raw-disk-of-a-guest", directory_ / "hers/secret");
    const UniqueFd watch(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
    ASSERT_GE(::inotify_add_watch(watch.get(), (directory_ / "hers/secret").c_str(), IN_OPEN), 0);
    EXPECT_THAT(backings(), ElementsAre(directory_ / "hers/secret"));
    char event[512];
    EXPECT_EQ(::read(watch.get(), event, sizeof event), -1) << "it was opened";
    EXPECT_EQ(errno, EAGAIN);
}

} // namespace
} // namespace xlsnap::test
