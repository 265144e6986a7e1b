// SPDX-License-Identifier: LGPL-2.1-only
#include "cli/replaced_file.hpp"

#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/config_file.hpp"
#include "support/temporary_directory.hpp"
#include "support/thread_conditions.hpp"

namespace xlsnap::cli {

namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class ReplacedFile : public ::testing::Test {
  protected:
    ReplacedFile() { test::put(path_, "old"); }

    std::string refusal() {
        try {
            return "accepted: " + replace_file(path_, "old", "new");
        } catch (const std::runtime_error &error) {
            return error.what();
        }
    }

    std::size_t files() const {
        std::size_t count = 0;
        for ([[maybe_unused]] const auto &entry :
             std::filesystem::directory_iterator(directory_.path()))
            ++count;
        return count;
    }

    test::TemporaryDirectory directory_;
    std::string path_ = directory_ / "g1.cfg";
};

TEST_F(ReplacedFile, HasTheNewContentAndABackupOfTheOld) {
    const std::string backup = replace_file(path_, "old", "new");
    EXPECT_THAT(backup, StartsWith(directory_ / ".g1.cfg.bak-"));
    EXPECT_EQ(read_text_file(path_), "new");
    EXPECT_EQ(read_text_file(backup), "old");
    EXPECT_EQ(files(), 2U);
}

TEST_F(ReplacedFile, KeepsModeAndOwner) {
    ASSERT_EQ(::chmod(path_.c_str(), 0640), 0);
    ASSERT_EQ(::chown(path_.c_str(), 1234, 5678), 0);
    const std::string backup = replace_file(path_, "old", "new");
    for (const std::string &path : {path_, backup}) {
        struct stat status {};
        ASSERT_EQ(::stat(path.c_str(), &status), 0);
        EXPECT_EQ(status.st_mode & 07777U, 0640U) << path;
        EXPECT_EQ(status.st_uid, 1234U) << path;
        EXPECT_EQ(status.st_gid, 5678U) << path;
    }
}

TEST_F(ReplacedFile, IsTheFileBehindALink) {
    const std::string link = directory_ / "auto";
    std::filesystem::create_symlink("g1.cfg", link);
    EXPECT_THAT(replace_file(link, "old", "new"), HasSubstr("/.g1.cfg.bak-"));
    EXPECT_TRUE(std::filesystem::is_symlink(link));
    EXPECT_EQ(read_text_file(path_), "new");
}

TEST_F(ReplacedFile, StaysWhenItHasChangedMeanwhile) {
    test::put(path_, "another's");
    EXPECT_THAT(refusal(), HasSubstr("another program has changed it"));
    EXPECT_EQ(read_text_file(path_), "another's");
    EXPECT_EQ(files(), 1U);
}

TEST_F(ReplacedFile, StaysWhenAnyCallFails) {
    for (const long number : {SYS_write, SYS_fsync, SYS_fchown, SYS_fchmod, SYS_rename}) {
        test::with_failing({number}, EIO, [&] { EXPECT_THAT(refusal(), HasSubstr("error")); });
        EXPECT_EQ(read_text_file(path_), "old") << number;
        EXPECT_EQ(files(), 1U) << number;
    }
}

TEST_F(ReplacedFile, IsNoFileWithTwoNamesAndNothingElse) {
    std::filesystem::create_hard_link(path_, directory_ / "other");
    EXPECT_THAT(refusal(), HasSubstr("a single name"));
    EXPECT_THROW(replace_file(directory_.path(), "old", "new"), std::runtime_error);
    EXPECT_THROW(replace_file(directory_ / "none", "old", "new"), std::runtime_error);
}

} // namespace

} // namespace xlsnap::cli
