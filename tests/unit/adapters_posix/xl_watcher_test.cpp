// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/posix/xl_watcher.hpp"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/temporary_directory.hpp"

namespace xlsnap::test {
namespace {

namespace fs = std::filesystem;

using ::testing::Optional;

struct FakeProcess {
    int pid = 0;
    std::string command = "xl";
    std::string output; // what its descriptor 1 leads to
};

// A /proc made of files, and a folder of logs.
class XlWatcher : public ::testing::Test {
  protected:
    XlWatcher() {
        fs::create_directories(proc_);
        fs::create_directories(proc_ + "/self");
    }

    void runs(const FakeProcess &process) const {
        const fs::path folder = fs::path(proc_) / std::to_string(process.pid);
        fs::create_directories(folder / "fd");
        std::ofstream(folder / "comm") << process.command << '\n';
        fs::create_symlink(process.output, folder / "fd" / "1");
    }

    // A log with these lines; its path.
    [[nodiscard]] std::string log(const std::string &file, const std::string &text) const {
        std::ofstream(directory_ / file) << text;
        return directory_ / file;
    }

    [[nodiscard]] static std::string waits(const std::string &name, DomainId domid, int pid) {
        return "Waiting for domain " + name + " (domid " + std::to_string(domid) +
               ") to die [pid " + std::to_string(pid) + "]\n";
    }

    // Of domain 5, which is called g1.
    [[nodiscard]] std::optional<int> watcher() const {
        const auto found = find_xl_watcher(proc_, 5, "g1");
        EXPECT_TRUE(found.has_value()) << found.error().message;
        return found.value_or(std::nullopt);
    }

    TemporaryDirectory directory_;
    std::string proc_ = directory_ / "proc";
};

TEST_F(XlWatcher, IsTheProcessThatSaysThatItWaitsForTheDomain) {
    EXPECT_EQ(watcher(), std::nullopt);
    runs({.pid = 77, .output = log("xl-g1.log", "Parsing config\n" + waits("g1", 5, 77))});
    EXPECT_THAT(watcher(), Optional(77));
}

TEST_F(XlWatcher, OfAnEarlierDomainOfThatNameIsNone) {
    runs({.pid = 77, .output = log("xl-g1.log", waits("g1", 4, 77))});
    EXPECT_EQ(watcher(), std::nullopt);
}

TEST_F(XlWatcher, HasFollowedTheDomainThroughARebootWhenItsLastLineSaysSo) {
    runs({.pid = 77,
          .output = log("xl-g1.log", waits("g1", 4, 77) + "Domain 4 has shut down\n" +
                                         waits("g1", 5, 77) + "Parsing config\n")});
    EXPECT_THAT(watcher(), Optional(77));
}

TEST_F(XlWatcher, IsFoundUnderTheNameThatTheDomainHadBefore) {
    runs({.pid = 77, .output = log("xl-g1--incoming.log", waits("g1--incoming", 5, 77))});
    EXPECT_THAT(watcher(), Optional(77));
}

TEST_F(XlWatcher, IsFoundWhenItsLogWasRotated) {
    runs({.pid = 77, .output = log("xl-g1.log.10", waits("g1", 5, 77))});
    EXPECT_THAT(watcher(), Optional(77));
}

// What the process of another domain, or one that has ended, wrote to the same file.
TEST_F(XlWatcher, IsNotTheOneOfWhichAnotherProcessWrote) {
    runs({.pid = 77, .output = log("xl-g1.log", waits("g1", 6, 77) + waits("g1", 5, 7))});
    EXPECT_EQ(watcher(), std::nullopt);
}

TEST_F(XlWatcher, IsToldByTheNameOfTheLogWhenTheLogSaysNothing) {
    runs({.pid = 77, .output = log("xl-g1.log.2", "")});
    EXPECT_THAT(watcher(), Optional(77));
}

TEST_F(XlWatcher, IsToldByTheNameOfALogThatWasDeleted) {
    runs({.pid = 77, .output = directory_ / "xl-g1.log (deleted)"});
    EXPECT_THAT(watcher(), Optional(77));
}

TEST_F(XlWatcher, OfADomainOfASimilarNameIsNone) {
    runs({.pid = 77, .output = log("xl-g11.log", "")});
    runs({.pid = 78, .output = log("xl-xl-g1.log", "")});
    runs({.pid = 79, .output = log("g1.log", "")});
    EXPECT_EQ(watcher(), std::nullopt);
}

TEST_F(XlWatcher, IsAProcessOfXlAndNoOtherWithTheSameLog) {
    const std::string path = log("xl-g1.log", waits("g1", 5, 77));
    runs({.pid = 77, .command = "xlsnap", .output = path});
    runs({.pid = 78, .command = "tail", .output = path});
    EXPECT_EQ(watcher(), std::nullopt);
}

TEST_F(XlWatcher, IsNoXlThatWorksOnATerminal) {
    runs({.pid = 77, .output = "/dev/pts/0"});
    EXPECT_EQ(watcher(), std::nullopt);
}

TEST_F(XlWatcher, ThatHasEndedMeanwhileIsNone) {
    fs::create_directories(fs::path(proc_) / "77");
    std::ofstream(fs::path(proc_) / "77" / "comm") << "xl\n";
    EXPECT_EQ(watcher(), std::nullopt);
}

TEST_F(XlWatcher, CannotBeLookedForWithoutProc) {
    const auto found = find_xl_watcher(directory_ / "nothing", 5, "g1");
    ASSERT_FALSE(found);
    EXPECT_THAT(found.error().message, ::testing::HasSubstr("nothing"));
}

} // namespace
} // namespace xlsnap::test
