// SPDX-License-Identifier: LGPL-2.1-only
#include "cli/progress.hpp"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/stat.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/unique_fd.hpp"
#include "support/temporary_directory.hpp"

namespace xlsnap::cli {
namespace {

using std::chrono::seconds;
using test::TemporaryDirectory;
using ::testing::EndsWith;
using ::testing::HasSubstr;

constexpr Screen kWideTerminal{80, true};
constexpr std::uint64_t kMiB = 1 << 20;

TEST(ProgressLine, SaysHowMuchHowFastAndHowLong) {
    EXPECT_EQ(progress_line("memory image", {300 * kMiB, 1024 * kMiB, seconds(3)}, kWideTerminal),
              "memory image: 300 MiB of 1 GiB, 29 %, 100 MiB/s, 0:08 left");
}

TEST(ProgressLine, LeavesOutWhatIsNotKnown) {
    EXPECT_EQ(progress_line("x", {0, 1024 * kMiB, seconds(3)}, kWideTerminal),
              "x: 0 B of 1 GiB, 0 %");
    EXPECT_EQ(progress_line("x", {kMiB, 0, seconds(2)}, kWideTerminal), "x: 1 MiB, 512 KiB/s");
    EXPECT_EQ(progress_line("x", {kMiB, 2 * kMiB, seconds(0)}, kWideTerminal),
              "x: 1 MiB of 2 MiB, 50 %");
    EXPECT_EQ(progress_line("x", {1, UINT64_MAX, seconds(1)}, kWideTerminal),
              "x: 1 B of 15 EiB, 0 %, 1 B/s");
}

TEST(ProgressLine, NeverSaysMoreThanAll) {
    EXPECT_EQ(progress_line("x", {3 * kMiB, 2 * kMiB, seconds(1)}, kWideTerminal),
              "x: 3 MiB of 2 MiB, 100 %, 3 MiB/s");
    EXPECT_THAT(progress_line("x", {999 * kMiB, 1000 * kMiB, seconds(1)}, kWideTerminal),
                HasSubstr("99 %"));
}

TEST(ProgressLine, StaysInItsLine) {
    EXPECT_EQ(progress_line("memory image", {300 * kMiB, 1024 * kMiB, seconds(3)}, {20, true}),
              "memory image: 300 …");
    EXPECT_EQ(progress_line("a\x1b", {1, 0, seconds(0)}, kWideTerminal), "a\\x1b: 1 B");
}

class GrowingImage : public testing::Test {
  protected:
    [[nodiscard]] std::uint64_t size(std::time_t since = 0) const {
        return growing_image_size(directory_.path(), "", since);
    }
    void put(const std::string &name, std::size_t bytes) const {
        test::put(directory_ / name, std::string(bytes, 'x'));
    }

    TemporaryDirectory directory_;
};

TEST_F(GrowingImage, IsTheTemporaryFileOfAMemoryImage) {
    EXPECT_EQ(size(), 0U);
    put(".1397207577.save.00ff.tmp", 100);
    EXPECT_EQ(size(), 100U);
}

TEST_F(GrowingImage, IsNoOtherFile) {
    put("1.save", 100);
    put(".1.save.00ff", 100);
    put("1.save.00ff.tmp", 100);
    put(".snapshotdata-s1.xl.00ff.tmp", 100);
    std::filesystem::create_directory(directory_ / ".d.save.00ff.tmp");
    std::filesystem::create_symlink(directory_ / "1.save", directory_ / ".l.save.00ff.tmp");
    EXPECT_EQ(size(), 0U);
}

TEST_F(GrowingImage, IsTheOneOfTheNameThatWasChosen) {
    put(".1.save.00ff.tmp", 100);
    put(".m.00ff.tmp", 50);
    put(".other.m.00ff.tmp", 200);
    EXPECT_EQ(growing_image_size(directory_.path(), "m", 0), 50U);
}

TEST_F(GrowingImage, IsNotTheCompressedOne) {
    put(".1.save.zst.00ff.tmp", 100);
    put(".m.zst.00ff.tmp", 50);
    EXPECT_EQ(size(), 0U);
    EXPECT_EQ(growing_image_size(directory_.path(), "m", 0), 0U);
    EXPECT_EQ(growing_image_size(directory_.path(), "m.zst", 0), 50U);
}

TEST_F(GrowingImage, IsNotWhatACrashLeft) {
    put(".old.save.00ff.tmp", 100);
    const timespec long_ago[2] = {{1000, 0}, {1000, 0}};
    ASSERT_EQ(::utimensat(AT_FDCWD, (directory_ / ".old.save.00ff.tmp").c_str(), long_ago, 0), 0);
    EXPECT_EQ(size(1001), 0U);
    EXPECT_EQ(size(1000), 100U);
}

TEST_F(GrowingImage, OfADirectoryThatIsNotThereIsNothing) {
    EXPECT_EQ(growing_image_size(directory_ / "none", "", 0), 0U);
}

class Display : public GrowingImage {
  protected:
    void SetUp() override {
        int master = -1;
        int slave = -1;
        winsize size{};
        size.ws_col = 80;
        ASSERT_EQ(::openpty(&master, &slave, nullptr, nullptr, &size), 0);
        master_.reset(master);
        slave_.reset(slave);
    }

    // What the terminal got, until it has this text or a minute is over.
    std::string shown_until(const std::string &text) {
        pollfd readable{master_.get(), POLLIN, 0};
        while (shown_.find(text) == std::string::npos && ::poll(&readable, 1, 60000) == 1)
            read_more();
        return shown_;
    }

    // All that it got.
    std::string shown() {
        pollfd readable{master_.get(), POLLIN, 0};
        while (::poll(&readable, 1, 0) == 1)
            read_more();
        return shown_;
    }

    UniqueFd master_;
    UniqueFd slave_;

  private:
    void read_more() {
        char bytes[4096];
        const ssize_t count = ::read(master_.get(), bytes, sizeof(bytes));
        ASSERT_GT(count, 0);
        shown_.append(bytes, static_cast<std::size_t>(count));
    }

    std::string shown_;
};

TEST_F(Display, ShowsTheImageThatGrowsAndClearsTheLine) {
    std::string first;
    {
        const ImageProgress progress(directory_.path(), "", 4 * kMiB, slave_.get());
        put(".1.save.00ff.tmp", kMiB);
        EXPECT_THAT(first = shown_until("25 %"), HasSubstr("memory image: 1 MiB of 4 MiB, 25 %"));
        put(".1.save.00ff.tmp", 3 * kMiB);
        EXPECT_THAT(shown_until("75 %"), HasSubstr("memory image: 3 MiB of 4 MiB, 75 %"));
    }
    const std::string all = shown();
    EXPECT_THAT(all, EndsWith(" \r"));
    const std::string last = all.substr(all.find_last_of('\r', all.size() - 2) + 1);
    EXPECT_EQ(last.find_first_not_of(' '), last.size() - 1) << "blanks alone";
}

TEST_F(Display, ClearsTheLineWhenTheWorkFails) {
    try {
        const ProgressDisplay progress(
            "x", [] { return kMiB; }, 0, slave_.get());
        shown_until("1 MiB");
        throw std::runtime_error("no room");
    } catch (const std::runtime_error &) {
        EXPECT_THAT(shown(), EndsWith(" \r"));
    }
}

TEST_F(Display, ClearsWhatAShorterLineLeaves) {
    std::atomic<std::uint64_t> done = 1000;
    const ProgressDisplay progress(
        "x", [&done] { return done.load(); }, 0, slave_.get());
    shown_until("x: 1000 B");
    done = 1;
    EXPECT_THAT(shown_until("x: 1 B"), HasSubstr("\rx: 1 B"));
    shown_until("x: 1 B   ");
}

TEST_F(Display, IsSilentWhenNothingGrows) {
    { const ImageProgress progress(directory_.path(), "", kMiB, slave_.get()); }
    EXPECT_EQ(shown(), "");
}

TEST_F(Display, IsSilentInAFile) {
    const std::string path = directory_ / "errors";
    const UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    std::atomic<bool> asked = false;
    {
        const ProgressDisplay in_the_file(
            "x", [&asked] { return (asked = true, kMiB); }, 0, file.get());
        // Of two displays the one that is on a terminal shows that it is time.
        std::atomic<std::uint64_t> calls = 0;
        const ProgressDisplay on_a_terminal(
            "y", [&calls] { return ++calls; }, 0, slave_.get());
        shown_until("y: 3 B");
    }
    EXPECT_FALSE(asked);
    EXPECT_EQ(std::filesystem::file_size(path), 0U);
}

} // namespace
} // namespace xlsnap::cli
