// SPDX-License-Identifier: LGPL-2.1-only
// What a tag holds and frees, judged by qemu-img alone: how many clusters an image has in use
// before and after it deletes the tag.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "adapters/qemu/qcow2_usage.hpp"
#include "support/temporary_directory.hpp"
#include "support/tool.hpp"

namespace xlsnap::test {
namespace {

namespace fs = std::filesystem;

struct ImageKind {
    const char *name;
    const char *options;
    std::uint64_t cluster_size;
    const char *write = "write"; // the command of qemu-io
};

constexpr ImageKind kImageKinds[] = {
    {"Plain", "compat=1.1", 65536},
    {"Version2", "compat=0.10", 65536},
    {"SmallClusters", "cluster_size=512", 512},
    {"LargeClusters", "cluster_size=2M", 2U << 20U},
    {"Refcounts2", "refcount_bits=2", 65536},
    {"Refcounts8", "refcount_bits=8,cluster_size=4096", 4096},
    {"Refcounts32", "refcount_bits=32,cluster_size=4096", 4096},
    {"Refcounts64", "refcount_bits=64", 65536},
    {"ExtendedL2", "extended_l2=on,cluster_size=16384", 16384},
    {"Compressed", "compat=1.1", 65536, "write -c"},
    {"CompressedExtendedL2", "extended_l2=on,cluster_size=16384", 16384, "write -c"},
    {"CompressedSmallClusters", "cluster_size=4096", 4096, "write -c"},
};

class Qcow2UsageOracle : public ::testing::TestWithParam<ImageKind> {
  protected:
    void SetUp() override {
        must_run(
            {"qemu-img", "create", "-q", "-f", "qcow2", "-o", GetParam().options, image_, "64M"});
    }

    // An option of qemu-img snapshot, and the tag.
    struct Action {
        const char *option;
        const char *tag;
    };

    // Writes where nothing was written before; qemu-io compresses nowhere else.
    void fill(std::string_view where) { change(GetParam().write, where); }
    void write(std::string_view where) { change("write", where); }
    void zero(std::string_view where) { change("write -z", where); }
    void make(const char *tag) { must_run({"qemu-img", "snapshot", "-c", tag, image_}); }

    // Bytes that remain in use in a copy of the image on which qemu-img did this with its tags,
    // the tables that every image has aside.
    std::uint64_t left_after(const std::vector<Action> &actions) {
        fs::copy_file(image_, copy_, fs::copy_options::overwrite_existing);
        for (const auto &[action, tag] : actions)
            must_run({"qemu-img", "snapshot", action, tag, copy_});
        forget_everything();
        const std::string report = run_tool({"qemu-img", "check", "-f", "qcow2", copy_}).output;
        std::uint64_t leaked = 0;
        for (std::size_t at = 0; (at = report.find("Leaked cluster", at)) != std::string::npos;
             ++at)
            ++leaked;
        return leaked * GetParam().cluster_size;
    }

    StorageUsage usage(const std::string &tag) { return usages({tag}).at(0); }
    std::vector<StorageUsage> usages(const std::vector<std::string> &tags) {
        std::vector<StorageUsage> usages;
        for (const auto &usage : qcow2_usage(image_, tags)) {
            EXPECT_TRUE(usage) << usage.error().message;
            usages.push_back(usage.value_or(StorageUsage{}));
        }
        return usages;
    }

  private:
    void change(std::string_view command, std::string_view where) {
        must_run({"qemu-io", "-f", "qcow2", "-c", fmt::format("{} {}", command, where), image_});
    }

    // The copy has no tags and an empty L1 table: all that was in use is leaked now.
    void forget_everything() {
        std::fstream file(copy_, std::ios::in | std::ios::out | std::ios::binary);
        const std::uint64_t l1_entries = number_at(file, 36, 4);
        const std::uint64_t l1_offset = number_at(file, 40, 8);
        file.seekp(60);
        file << std::string(4, '\0'); // nb_snapshots
        file.seekp(static_cast<std::streamoff>(l1_offset));
        file << std::string(l1_entries * 8, '\0');
    }

    static std::uint64_t number_at(std::fstream &file, std::streamoff offset, int bytes) {
        std::uint64_t number = 0;
        file.seekg(offset);
        for (int i = 0; i < bytes; ++i)
            number = number << 8U | static_cast<unsigned>(file.get());
        return number;
    }

    TemporaryDirectory directory_;
    std::string image_ = directory_ / "image";
    std::string copy_ = directory_ / "copy";
};

TEST_P(Qcow2UsageOracle, AgreesWithQemuImg) {
    fill("-P 1 0 4M");
    make("first");
    fill("-P 4 40M 1M");
    write("-P 2 0 2M");
    zero("3M 512k");
    make("second");
    write("-P 3 1M 2M");
    fill("-P 5 42M 1M");
    const std::uint64_t before = left_after({});
    for (const char *tag : {"first", "second"}) {
        const StorageUsage measured = usage(tag);
        EXPECT_EQ(measured.freed, before - left_after({{"-d", tag}})) << tag;
        EXPECT_GT(measured.freed, 0U) << tag;
        // Alone in the image, and its present state: all that is left but the snapshot table.
        const char *other = std::string_view(tag) == "first" ? "second" : "first";
        EXPECT_EQ(measured.held, left_after({{"-d", other}, {"-a", tag}}) - GetParam().cluster_size)
            << tag;
    }
}

TEST_P(Qcow2UsageOracle, AgreesWithItselfHoweverManyTagsItMeasures) {
    fill("-P 1 0 4M");
    make("first");
    write("-P 2 0 2M");
    fill("-P 4 40M 1M");
    zero("3M 512k");
    make("second"); // refcounts of two bits allow no third one
    fill("-P 5 42M 1M");
    write("-P 3 1M 2M");
    const std::vector<std::string> tags = {"first", "second", "first"};
    const std::vector<StorageUsage> together = usages(tags);
    ASSERT_EQ(together.size(), tags.size());
    for (std::size_t i = 0; i < tags.size(); ++i) {
        const StorageUsage alone = usage(tags[i]);
        EXPECT_EQ(together[i].held, alone.held) << tags[i];
        EXPECT_EQ(together[i].freed, alone.freed) << tags[i];
    }
}

TEST_P(Qcow2UsageOracle, AnEmptyTagHoldsItsTableAlone) {
    make("empty");
    make("other");
    const StorageUsage measured = usage("empty");
    EXPECT_EQ(measured.freed, left_after({}) - left_after({{"-d", "empty"}}));
    EXPECT_EQ(measured.held, measured.freed);
}

INSTANTIATE_TEST_SUITE_P(Images, Qcow2UsageOracle, ::testing::ValuesIn(kImageKinds),
                         [](const auto &kind) { return std::string(kind.param.name); });

} // namespace
} // namespace xlsnap::test
