// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/qemu/qemu_img_chains.hpp"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/qemu/new_image.hpp"
#include "support/fake_image_users.hpp"
#include "support/fake_process_runner.hpp"
#include "support/temporary_directory.hpp"
#include "support/tool.hpp"

namespace xlsnap {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Real images, and a qemu-img that a script plays.
class QemuImgChainsTest : public ::testing::Test {
  protected:
    QemuImgChainsTest() {
        test::must_run({"qemu-img", "create", "-q", "-f", "qcow2", base_, "4M"});
        make(middle_, base_);
        make(top_, middle_);
    }

    static void make(const std::string &path, const std::string &base) {
        test::must_run(
            {"qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", base, path});
    }

    [[nodiscard]] static std::string options(const std::string &path) {
        return "driver=qcow2,file.driver=file,file.filename=" + path;
    }

    void expect(const std::vector<std::string> &argv, std::function<void()> effect = {},
                int status = 0) {
        processes_.expect(argv, ProcessOutcome{status, "", status == 0 ? "" : "No space left"},
                          std::move(effect));
    }

    test::TemporaryDirectory directory_;
    std::string base_ = directory_ / "base";
    std::string middle_ = directory_ / "middle";
    std::string top_ = directory_ / "top";
    test::FakeProcessRunner processes_;
    test::FakeImageUsers users_;
    QemuImgChains layers_{processes_, users_, {1s, 2s, 3s}};
};

TEST_F(QemuImgChainsTest, CommitsWithoutEmptyingTheTop) {
    expect({"qemu-img", "commit", "-q", "-d", "-b", base_, "--image-opts", "--", options(top_)});
    EXPECT_TRUE(layers_.commit(top_, base_));
    EXPECT_THAT(processes_.deadlines, ElementsAre(3s));
}

TEST_F(QemuImgChainsTest, StreamsWithoutKeepingTablesInMemory) {
    expect({"qemu-img", "rebase", "-q", "-t", "writethrough", "-b", base_, "-F", "qcow2",
            "--image-opts", "--", options(top_)},
           [this] { make(top_, base_); });
    EXPECT_TRUE(layers_.stream(top_, base_));
    EXPECT_THAT(processes_.deadlines, ElementsAre(3s));
}

TEST_F(QemuImgChainsTest, NeverOpensTheOldBackingFileToNameANewOne) {
    expect({"qemu-img", "rebase", "-q", "-u", "-b", base_, "-F", "qcow2", "--image-opts", "--",
            options(top_)},
           [this] { make(top_, base_); });
    EXPECT_TRUE(layers_.set_backing(top_, base_, DiskFormat::Qcow2));
    EXPECT_THAT(processes_.deadlines, ElementsAre(2s));
}

// Nothing is ever free in /proc.
TEST_F(QemuImgChainsTest, CountsTheSpaceWhereTheFileLiesNotALinkToIt) {
    const std::string link = directory_ / "link";
    std::filesystem::create_symlink("/proc/version", link);
    const auto behind_the_link = layers_.free_space(link);
    ASSERT_TRUE(behind_the_link) << behind_the_link.error().message;
    EXPECT_EQ(behind_the_link->bytes, UINT64_MAX) << "/proc tells no size";
    const auto beside_the_link = layers_.free_space(directory_ / "no");
    ASSERT_TRUE(beside_the_link) << beside_the_link.error().message;
    EXPECT_GT(beside_the_link->bytes, 0U);
    EXPECT_LT(beside_the_link->bytes, UINT64_MAX);
    EXPECT_NE(beside_the_link->file_system, behind_the_link->file_system);
}

TEST_F(QemuImgChainsTest, DoesNotBelieveAChangeWithoutEffect) {
    expect({"qemu-img", "rebase", "-q", "-u", "-b", base_, "-F", "qcow2", "--image-opts", "--",
            options(top_)});
    expect({"qemu-img", "rebase", "-q", "-t", "writethrough", "-b", "", "--image-opts", "--",
            options(top_)});
    for (const Status &done :
         {layers_.set_backing(top_, base_, DiskFormat::Qcow2), layers_.stream(top_, "")}) {
        ASSERT_FALSE(done);
        EXPECT_EQ(done.error().code, ErrorCode::Fail);
        EXPECT_THAT(done.error().message, HasSubstr(middle_));
    }
}

TEST_F(QemuImgChainsTest, SaysWhatQemuImgSays) {
    expect({"qemu-img", "commit", "-q", "-d", "-b", base_, "--image-opts", "--", options(top_)}, {},
           1);
    const Status done = layers_.commit(top_, base_);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().message,
              "qemu-img commit of " + top_ + " failed with status 1: No space left");
}

TEST_F(QemuImgChainsTest, RunsNothingOnAnImageThatIsOpen) {
    users_.users[base_] = {{4711, "qemu-system-i38", true}};
    for (const Status &done : {layers_.commit(top_, base_), layers_.stream(top_, "")}) {
        ASSERT_FALSE(done);
        EXPECT_EQ(done.error().code, ErrorCode::NotReady);
        EXPECT_THAT(done.error().message, HasSubstr("4711"));
    }
    EXPECT_THAT(processes_.calls, IsEmpty());
}

TEST_F(QemuImgChainsTest, AnImageThatIsNotPublishedGoes) {
    const std::string folder = directory_ / "new";
    std::filesystem::create_directory(folder);
    {
        const auto image = NewImage::begin(folder + "/image");
        ASSERT_TRUE(image) << image.error().message;
        EXPECT_FALSE(std::filesystem::is_empty(folder));
    }
    EXPECT_TRUE(std::filesystem::is_empty(folder));
}

TEST_F(QemuImgChainsTest, AnImageIsPublishedForItsOwnerAlone) {
    auto image = NewImage::begin(directory_ / "image");
    ASSERT_TRUE(image) << image.error().message;
    ASSERT_TRUE(image->publish());
    EXPECT_EQ(std::filesystem::status(directory_ / "image").permissions(),
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(QemuImgChainsTest, AnImageThatComesLateReplacesNothing) {
    auto image = NewImage::begin(directory_ / "image");
    ASSERT_TRUE(image) << image.error().message;
    test::put(directory_ / "image", "mine");
    const auto published = image->publish();
    ASSERT_FALSE(published);
    EXPECT_EQ(published.error().code, ErrorCode::Invalid);
    EXPECT_EQ(std::filesystem::file_size(directory_ / "image"), 4U);
}

TEST_F(QemuImgChainsTest, RemovesNothingButARegularFile) {
    const ImageMark mark = layers_.chain(base_, DiskFormat::Qcow2)->front().mark;
    std::filesystem::create_symlink(base_, directory_ / "link");
    const auto removed = layers_.remove_image(directory_ / "link", mark);
    ASSERT_FALSE(removed);
    EXPECT_EQ(removed.error().code, ErrorCode::Invalid);
}

} // namespace
} // namespace xlsnap
