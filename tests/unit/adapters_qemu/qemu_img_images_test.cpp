// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/qemu/qemu_img_images.hpp"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/fake_image_users.hpp"
#include "support/fake_process_runner.hpp"
#include "support/temporary_directory.hpp"

namespace xlsnap {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const char *const kNoTags = R"({"format": "qcow2"})";
const char *const kOneTag = R"({"snapshots": [{"id": "3", "name": "t"}]})";
const char *const kTagTwice =
    R"({"snapshots": [{"id": "3", "name": "t"}, {"id": "4", "name": "t"}]})";

class QemuImgImagesTest : public ::testing::Test {
  protected:
    QemuImgImagesTest() : path_(directory_ / "a.qcow2") { std::ofstream{path_}; }

    [[nodiscard]] std::string options() const {
        return "driver=qcow2,file.driver=file,file.filename=" + path_;
    }

    void expect_info(const std::string &output) {
        processes_.expect(
            {"qemu-img", "info", "--output=json", "-U", "--image-opts", "--", options()},
            ProcessOutcome{0, output, ""});
    }

    void expect_snapshot(const std::string &action, const std::string &operand, int status = 0,
                         const std::string &errors = "") {
        processes_.expect(
            {"qemu-img", "snapshot", action, operand, "--image-opts", "--", options()},
            ProcessOutcome{status, "", errors});
    }

    Status create() { return images_.create_tag(path_, DiskFormat::Qcow2, "t"); }
    Status revert() { return images_.revert_to_tag(path_, DiskFormat::Qcow2, "t"); }
    Status remove() { return images_.delete_tag(path_, DiskFormat::Qcow2, "t"); }

    test::TemporaryDirectory directory_;
    std::string path_;
    test::FakeProcessRunner processes_;
    test::FakeImageUsers users_;
    QemuImgImages images_{processes_, users_, {1s, 2s}};
};

// So that it can be told once of all images.
TEST_F(QemuImgImagesTest, SaysTheSameOfEveryImageWhenThereIsNoQemuImg) {
    processes_.expect({"qemu-img", "info", "--output=json", "-U", "--image-opts", "--", options()},
                      fail(ErrorCode::NotFound, "qemu-img: there is no such program"));
    EXPECT_EQ(images_.list_tags(path_, DiskFormat::Qcow2).error().message,
              "qemu-img: there is no such program");
}

TEST_F(QemuImgImagesTest, ListsWithoutALockAndWithoutAskingForUsers) {
    expect_info(kOneTag);
    const auto tags = images_.list_tags(path_, DiskFormat::Qcow2);
    ASSERT_TRUE(tags);
    EXPECT_THAT(*tags, ElementsAre(Tag{"3", "t"}));
    EXPECT_THAT(users_.calls, IsEmpty());
    EXPECT_THAT(processes_.deadlines, ElementsAre(1s));
}

TEST_F(QemuImgImagesTest, CreatesATagAndLooksForIt) {
    expect_info(kNoTags);
    expect_snapshot("-c", "t");
    expect_info(kOneTag);
    EXPECT_TRUE(create());
    EXPECT_THAT(processes_.deadlines, ElementsAre(1s, 2s, 1s));
}

TEST_F(QemuImgImagesTest, DoesNotBelieveACreationWithoutEffect) {
    expect_info(kNoTags);
    expect_snapshot("-c", "t");
    expect_info(kNoTags);
    const auto created = create();
    ASSERT_FALSE(created);
    EXPECT_EQ(created.error().code, ErrorCode::Fail);
}

TEST_F(QemuImgImagesTest, CreatesNoSecondTagOfAName) {
    expect_info(kOneTag);
    const auto created = create();
    ASSERT_FALSE(created);
    EXPECT_EQ(created.error().code, ErrorCode::Invalid);
}

TEST_F(QemuImgImagesTest, RevertsById) {
    expect_info(kOneTag);
    expect_snapshot("-a", "3");
    EXPECT_TRUE(revert());
}

TEST_F(QemuImgImagesTest, DeletesByNameAndLooksThatItIsGone) {
    expect_info(kOneTag);
    expect_snapshot("-d", "t");
    expect_info(kNoTags);
    EXPECT_TRUE(remove());
}

TEST_F(QemuImgImagesTest, DoesNotBelieveADeletionWithoutEffect) {
    expect_info(kOneTag);
    expect_snapshot("-d", "t");
    expect_info(kOneTag);
    const auto removed = remove();
    ASSERT_FALSE(removed);
    EXPECT_EQ(removed.error().code, ErrorCode::Fail);
}

TEST_F(QemuImgImagesTest, ReportsAMissingTag) {
    expect_info(kNoTags);
    expect_info(kNoTags);
    for (const Status &done : {revert(), remove()}) {
        ASSERT_FALSE(done);
        EXPECT_EQ(done.error().code, ErrorCode::NotFound);
    }
}

TEST_F(QemuImgImagesTest, DoesNotChooseBetweenTwoTagsOfOneName) {
    expect_info(kTagTwice);
    expect_info(kTagTwice);
    for (const Status &done : {revert(), remove()}) {
        ASSERT_FALSE(done);
        EXPECT_EQ(done.error().code, ErrorCode::Invalid);
        EXPECT_THAT(done.error().message, HasSubstr("2 snapshots named 't'"));
    }
}

TEST_F(QemuImgImagesTest, RunsNothingOnAnImageThatIsOpen) {
    users_.users[path_] = {{4711, "qemu-system-i38", true}};
    for (const Status &done : {create(), revert(), remove()}) {
        ASSERT_FALSE(done);
        EXPECT_EQ(done.error().code, ErrorCode::NotReady);
        EXPECT_THAT(done.error().message,
                    AllOf(HasSubstr(path_), HasSubstr("qemu-system-i38"), HasSubstr("4711")));
    }
    EXPECT_THAT(processes_.calls, IsEmpty());
}

TEST_F(QemuImgImagesTest, NamesAUserThatIsNoProcess) {
    users_.users[path_] = {{0, "loop device /dev/loop3", false}};
    const auto created = create();
    ASSERT_FALSE(created);
    EXPECT_THAT(created.error().message,
                AllOf(HasSubstr("/dev/loop3"), ::testing::Not(HasSubstr("pid"))));
}

TEST_F(QemuImgImagesTest, RunsNothingWhenTheGuardFails) {
    for (int i = 0; i < 3; ++i)
        users_.fail_next("of", {ErrorCode::Fail, "no /proc"});
    for (const Status &done : {create(), revert(), remove()}) {
        ASSERT_FALSE(done);
        EXPECT_EQ(done.error().message, "no /proc");
    }
    EXPECT_THAT(processes_.calls, IsEmpty());
}

TEST_F(QemuImgImagesTest, SaysWhatQemuImgSays) {
    expect_info(kNoTags);
    expect_snapshot("-c", "t", 1, "qemu-img: Could not create snapshot 't': -28\n");
    const auto created = create();
    ASSERT_FALSE(created);
    EXPECT_EQ(created.error().code, ErrorCode::Fail);
    EXPECT_THAT(created.error().message,
                AllOf(HasSubstr("snapshot"), HasSubstr(path_), HasSubstr("status 1"),
                      ::testing::EndsWith("'t': -28")));
}

TEST_F(QemuImgImagesTest, SaysThatQemuImgCouldNotRunToItsEnd) {
    expect_info(kOneTag);
    processes_.expect({"qemu-img", "snapshot", "-a", "3", "--image-opts", "--", options()},
                      Result<ProcessOutcome>::failure({ErrorCode::TimedOut, "killed after 2 s"}));
    const auto reverted = revert();
    ASSERT_FALSE(reverted);
    EXPECT_EQ(reverted.error().code, ErrorCode::TimedOut);
    EXPECT_THAT(reverted.error().message, AllOf(HasSubstr(path_), HasSubstr("killed after 2 s")));
}

TEST_F(QemuImgImagesTest, RefusesAListingThatIsNone) {
    for (const char *output : {"", "rubbish", "[]", R"({"snapshots": 1})"}) {
        expect_info(output);
        const auto tags = images_.list_tags(path_, DiskFormat::Qcow2);
        ASSERT_FALSE(tags);
        EXPECT_EQ(tags.error().code, ErrorCode::Invalid);
        EXPECT_THAT(tags.error().message, HasSubstr(path_));
    }
}

TEST_F(QemuImgImagesTest, ChangesNothingWhenTheTagsCannotBeListed) {
    for (int i = 0; i < 3; ++i)
        expect_info("rubbish");
    EXPECT_FALSE(create());
    EXPECT_FALSE(revert());
    EXPECT_FALSE(remove());
}

TEST_F(QemuImgImagesTest, RunsNothingForAMissingImage) {
    const auto tags = images_.list_tags(directory_ / "missing", DiskFormat::Qcow2);
    ASSERT_FALSE(tags);
    EXPECT_EQ(tags.error().code, ErrorCode::NotFound);
}

} // namespace
} // namespace xlsnap
