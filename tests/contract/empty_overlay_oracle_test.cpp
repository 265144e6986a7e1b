// SPDX-License-Identifier: LGPL-2.1-only
// An empty overlay as we write it, judged by qemu-img: it makes the same one, and finds nothing
// wrong with ours.
#include "adapters/qemu/empty_overlay.hpp"

#include <fstream>
#include <iterator>
#include <string>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "adapters/qemu/image_options.hpp"
#include "support/temporary_directory.hpp"
#include "support/tool.hpp"

namespace xlsnap::test {
namespace {

using ::testing::HasSubstr;

constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 51U;
constexpr std::uint64_t kMib = std::uint64_t{1} << 20U;

class EmptyOverlayOracle : public ::testing::Test {
  protected:
    [[nodiscard]] ToolOutcome make(const std::string &base, DiskFormat format,
                                   std::uint64_t bytes) const {
        return run_tool({"qemu-img", "create", "-q", "-f", "qcow2", "-u", "-b", base, "-F",
                         std::string(format_driver(format)), image_, fmt::format("{}", bytes)});
    }

    void expect_the_same(const std::string &base, DiskFormat format, std::uint64_t bytes) const {
        const auto ours = empty_overlay(base, format, bytes);
        ASSERT_TRUE(ours) << ours.error().message;
        const ToolOutcome made = make(base, format, bytes);
        ASSERT_EQ(made.status, 0) << made.output;
        std::ifstream file(image_, std::ios::binary);
        const std::string theirs(std::istreambuf_iterator<char>(file), {});
        EXPECT_EQ(ours->size(), theirs.size()) << bytes << " bytes on " << base;
        EXPECT_TRUE(*ours == theirs) << bytes << " bytes on " << base;
    }

    void expect_refused_by_both(const std::string &base, std::uint64_t bytes,
                                const char *reason) const {
        const auto ours = empty_overlay(base, DiskFormat::Raw, bytes);
        ASSERT_FALSE(ours);
        EXPECT_EQ(ours.error().code, ErrorCode::Invalid);
        EXPECT_THAT(ours.error().message, HasSubstr(reason));
        EXPECT_NE(make(base, DiskFormat::Raw, bytes).status, 0);
    }

    // A path of so many bytes.
    static std::string path_of(std::size_t bytes) { return "/" + std::string(bytes - 1, 'p'); }

    TemporaryDirectory directory_;
    std::string image_ = directory_ / "image";
};

TEST_F(EmptyOverlayOracle, IsTheFileOfQemuImgWhateverTheSize) {
    constexpr std::uint64_t kOneEntry = 512 * kMib; // of the table of first level
    constexpr std::uint64_t kOneCluster = kOneEntry * 8192;
    for (const std::uint64_t bytes :
         {std::uint64_t{0}, std::uint64_t{512}, 64 * kMib, kOneEntry - 512, kOneEntry,
          kOneEntry + 512, 20480 * kMib + 512, kOneCluster - 512, kOneCluster, kOneCluster + 512,
          5 * kOneCluster + kMib, kMostBytes})
        expect_the_same("/images/base", DiskFormat::Qcow2, bytes);
}

TEST_F(EmptyOverlayOracle, IsTheFileOfQemuImgWhateverTheBase) {
    for (const std::string &base :
         {std::string("/b"), std::string("/images/d\xc3\xa4,b=c:d e\n\"{}%\\"),
          std::string("/dev/vg/disk"), path_of(7), path_of(8), path_of(9), path_of(1023)}) {
        expect_the_same(base, DiskFormat::Qcow2, 64 * kMib);
        expect_the_same(base, DiskFormat::Raw, 64 * kMib);
    }
}

TEST_F(EmptyOverlayOracle, HasTheLimitsOfQemuImg) {
    expect_refused_by_both(path_of(1024), 64 * kMib, "1023");
    expect_refused_by_both("/images/base", kMostBytes + 512, "2251799813685248");
}

TEST_F(EmptyOverlayOracle, IsAnImageWithNothingToRepair) {
    const std::string base = directory_ / "base";
    must_run({"qemu-img", "create", "-q", "-f", "raw", base, "5G"});
    const auto ours = empty_overlay(base, DiskFormat::Raw, 5120 * kMib);
    ASSERT_TRUE(ours) << ours.error().message;
    std::ofstream(image_, std::ios::binary) << *ours;
    EXPECT_THAT(must_run({"qemu-img", "check", "-f", "qcow2", image_}),
                HasSubstr("No errors were found on the image."));
    const std::string told = must_run({"qemu-img", "info", "--output=json", image_});
    EXPECT_THAT(told, HasSubstr(R"("virtual-size": 5368709120)"));
    EXPECT_THAT(told, HasSubstr(fmt::format(R"("full-backing-filename": "{}")", base)));
    EXPECT_THAT(told, HasSubstr(R"("backing-filename-format": "raw")"));
    EXPECT_THAT(told, HasSubstr(R"("dirty-flag": false)"));
}

} // namespace
} // namespace xlsnap::test
