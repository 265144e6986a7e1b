// SPDX-License-Identifier: LGPL-2.1-only
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <future>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/posix/posix_watchers.hpp"
#include "adapters/posix/program_watcher_launcher.hpp"
#include "support/fake_process_runner.hpp"
#include "support/recording_log.hpp"
#include "support/temporary_directory.hpp"

namespace xlsnap::test {
namespace {

namespace fs = std::filesystem;

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Optional;

constexpr const char *kUuid = "0c8f9d2e-6f0a-4d1a-9b53-1d6e3c1f9a01";
constexpr std::chrono::milliseconds kNow{0};
constexpr std::chrono::seconds kPatience{60};

class PosixWatchersTest : public ::testing::Test {
  protected:
    PosixWatchersTest() { fs::create_directories(proc_); }

    std::unique_ptr<Watch> claim(DomainId domid, std::chrono::milliseconds deadline = kNow,
                                 const std::string &uuid = kUuid) {
        auto watch = watchers_.claim(uuid, domid, deadline);
        EXPECT_TRUE(watch.has_value()) << watch.error().message;
        return watch ? std::move(*watch) : nullptr;
    }

    void xl_watches(int pid) {
        const fs::path folder = fs::path(proc_) / std::to_string(pid);
        fs::create_directories(folder / "fd");
        std::ofstream(folder / "comm") << "xl\n";
        fs::create_symlink(directory_ / "xl-g1.log", folder / "fd" / "1");
    }

    [[nodiscard]] static Domain g1() {
        Domain domain;
        domain.name = "g1";
        domain.domid = 5;
        return domain;
    }

    TemporaryDirectory directory_;
    std::string folder_ = directory_ / "run";
    std::string proc_ = directory_ / "proc";
    PosixWatchers watchers_{folder_, proc_};
};

TEST_F(PosixWatchersTest, OneWatchesADomainUntilItLeaves) {
    std::unique_ptr<Watch> first = claim(5);
    ASSERT_NE(first, nullptr);
    EXPECT_EQ(claim(5, kPatience), nullptr);
    first.reset();
    EXPECT_NE(claim(5), nullptr);
}

TEST_F(PosixWatchersTest, DomainsAreWatchedApart) {
    const std::unique_ptr<Watch> first = claim(5);
    EXPECT_NE(claim(6, kNow, "11111111-6f0a-4d1a-9b53-1d6e3c1f9a01"), nullptr);
}

TEST_F(PosixWatchersTest, TheWatcherOfAnEarlierDomidIsWaitedFor) {
    std::unique_ptr<Watch> leaving = claim(5);
    const auto refused = watchers_.claim(kUuid, 6, kNow);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::NotReady);
    EXPECT_THAT(refused.error().message, HasSubstr("xlsnap monitor 6"));
    auto next = std::async(std::launch::async, [this] { return claim(6, kPatience); });
    leaving.reset();
    EXPECT_NE(next.get(), nullptr);
}

TEST_F(PosixWatchersTest, AWatcherThatFollowsTheDomainIsItsWatcher) {
    const std::unique_ptr<Watch> watch = claim(5);
    EXPECT_TRUE(watch->follow(1234567));
    EXPECT_EQ(claim(1234567, kPatience), nullptr);
    EXPECT_TRUE(watch->follow(6));
    EXPECT_EQ(claim(6, kPatience), nullptr);
}

TEST_F(PosixWatchersTest, TheFolderIsRootsAloneAndEmptyAfterwards) {
    claim(5).reset();
    struct stat info = {};
    ASSERT_EQ(::stat(folder_.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0700U);
    EXPECT_TRUE(fs::is_empty(folder_));
}

TEST_F(PosixWatchersTest, AFolderThatOthersMayWriteToIsRefused) {
    fs::create_directories(folder_);
    fs::permissions(folder_, fs::perms::all);
    const auto watch = watchers_.claim(kUuid, 5, kNow);
    ASSERT_FALSE(watch);
    EXPECT_THAT(watch.error().message, HasSubstr(folder_));
}

TEST_F(PosixWatchersTest, AFolderThatCannotBeMadeIsNamed) {
    PosixWatchers watchers(directory_ / "a/b", proc_);
    const auto watch = watchers.claim(kUuid, 5, kNow);
    ASSERT_FALSE(watch);
    EXPECT_THAT(watch.error().message, HasSubstr("a/b"));
}

TEST_F(PosixWatchersTest, XlThatStaysIsTold) {
    EXPECT_EQ(watchers_.wait_for_xl(g1(), kNow).value(), std::nullopt);
    xl_watches(77);
    EXPECT_THAT(watchers_.wait_for_xl(g1(), kNow).value(), Optional(77));
}

TEST_F(PosixWatchersTest, XlThatLeavesIsWaitedFor) {
    xl_watches(77);
    auto waits =
        std::async(std::launch::async, [this] { return watchers_.wait_for_xl(g1(), kPatience); });
    fs::remove_all(fs::path(proc_) / "77");
    EXPECT_EQ(waits.get().value(), std::nullopt);
}

TEST(WatcherLauncher, RunsTheCommandForTheDomain) {
    FakeProcessRunner runner;
    RecordingLog log;
    runner.expect({"/usr/bin/xlsnap", "monitor", "5"}, ProcessOutcome{});
    EXPECT_TRUE(ProgramWatcherLauncher(runner, "/usr/bin/xlsnap", log).launch(5));
    EXPECT_TRUE(log.warnings.empty());
}

TEST(WatcherLauncher, PassesOnWhatAWatcherWarnsOf) {
    FakeProcessRunner runner;
    RecordingLog log;
    runner.expect({"xlsnap", "monitor", "5"}, ProcessOutcome{0, "", "xlsnap: no log\n"});
    EXPECT_TRUE(ProgramWatcherLauncher(runner, "xlsnap", log).launch(5));
    EXPECT_EQ(log.warnings, std::vector<std::string>{"xlsnap: no log"});
}

TEST(WatcherLauncher, SaysWhyTheCommandFailed) {
    FakeProcessRunner runner;
    runner.expect({"xlsnap", "monitor", "5"}, ProcessOutcome{1, "", "xlsnap: no Xen here\n"});
    runner.expect({"xlsnap", "monitor", "6"}, fail(ErrorCode::NotFound, "no such program"));
    RecordingLog log;
    ProgramWatcherLauncher launcher(runner, "xlsnap", log);
    EXPECT_EQ(launcher.launch(5).error().message,
              "xlsnap monitor failed with status 1: xlsnap: no Xen here");
    EXPECT_EQ(launcher.launch(6).error().message, "no such program");
}

} // namespace
} // namespace xlsnap::test
