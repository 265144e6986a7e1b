// SPDX-License-Identifier: LGPL-2.1-only
#include "cli/progress.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <ctime>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "cli/units.hpp"

namespace xlsnap::cli {

namespace {

constexpr std::chrono::milliseconds kBetweenUpdates{250};

struct CloseDirectory {
    void operator()(DIR *directory) const { static_cast<void>(::closedir(directory)); }
};

// Not the one into which it is compressed, which ends when nobody knows.
bool is_image_being_written(std::string_view entry, const std::string &name) {
    if (!entry.starts_with('.') || !entry.ends_with(".tmp"))
        return false;
    const std::string part = name.empty() ? ".save." : fmt::format(".{}.", name);
    const std::size_t place = entry.find(part);
    return place != std::string_view::npos && (name.empty() || place == 0) &&
           !entry.substr(place + part.size()).starts_with("zst.");
}

// Rounded down, so that 100 says that all is there.
std::uint64_t percent(const Progress &progress) {
    const double part = static_cast<double>(progress.done) / static_cast<double>(progress.total);
    return static_cast<std::uint64_t>(std::min(part, 1.0) * 100);
}

// Further than anybody waits for: a stuck transfer.
constexpr double kLongestWait = 100 * 3600;

} // namespace

std::string progress_line(std::string_view what, const Progress &progress, const Screen &screen) {
    std::string line = fmt::format("{}: {}", what, size_text(progress.done));
    if (progress.total > 0)
        line += fmt::format(" of {}, {} %", size_text(progress.total), percent(progress));
    const double seconds = progress.elapsed.count();
    const double rate = seconds > 0 ? static_cast<double>(progress.done) / seconds : 0;
    if (rate >= 1) {
        line += fmt::format(", {}/s", size_text(static_cast<std::uint64_t>(rate)));
        const double left = progress.total > progress.done
                                ? static_cast<double>(progress.total - progress.done) / rate
                                : 0;
        if (left > 0 && left < kLongestWait)
            line += fmt::format(", {} left", clock_text(static_cast<std::uint64_t>(left + 1)));
    }
    line = printable(line, screen);
    return screen.is_terminal() ? cut(line, screen.columns - 1, screen) : line;
}

std::uint64_t growing_image_size(const std::string &directory, const std::string &name,
                                 std::time_t since) {
    const std::unique_ptr<DIR, CloseDirectory> open(::opendir(directory.c_str()));
    if (open == nullptr)
        return 0;
    std::uint64_t largest = 0;
    while (const dirent *entry = ::readdir(open.get())) {
        struct stat status {};
        if (is_image_being_written(entry->d_name, name) &&
            ::fstatat(::dirfd(open.get()), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
            S_ISREG(status.st_mode) && status.st_mtime >= since)
            largest = std::max(largest, static_cast<std::uint64_t>(status.st_size));
    }
    return largest;
}

ProgressDisplay::ProgressDisplay(std::string what, std::function<std::uint64_t()> done,
                                 std::uint64_t total, int fd)
    : what_(std::move(what)), done_(std::move(done)), total_(total), fd_(fd),
      screen_(screen_of(fd)) {
    if (screen_.is_terminal())
        thread_ = std::thread(&ProgressDisplay::show_until_stopped, this);
}

ProgressDisplay::~ProgressDisplay() {
    if (!thread_.joinable())
        return;
    {
        const std::lock_guard lock(mutex_);
        stop_ = true;
    }
    stopped_.notify_one();
    thread_.join();
    replace_line("");
}

void ProgressDisplay::show_until_stopped() {
    const auto start = std::chrono::steady_clock::now();
    std::unique_lock lock(mutex_);
    while (!stopped_.wait_for(lock, kBetweenUpdates, [this] { return stop_; })) {
        const std::uint64_t done = done_();
        const auto elapsed = std::chrono::steady_clock::now() - start;
        if (done > 0)
            replace_line(progress_line(what_, {done, total_, elapsed}, screen_));
    }
}

// The cursor goes back to the left, so that a message that comes between begins there. Blanks do
// what no terminal needs an escape sequence for. Nobody is told when a line cannot be shown.
void ProgressDisplay::replace_line(const std::string &line) {
    const std::size_t columns = columns_of(line);
    std::string text = line;
    text.append(columns_shown_ > columns ? columns_shown_ - columns : 0, ' ');
    columns_shown_ = columns;
    if (!text.empty())
        (void)!::write(fd_, (text + "\r").c_str(), text.size() + 1);
}

ImageProgress::ImageProgress(const std::string &directory, const std::string &name,
                             std::uint64_t total, int fd)
    : display_(
          "memory image",
          [directory, name, since = std::time(nullptr)] {
              return growing_image_size(directory, name, since);
          },
          total, fd) {}

} // namespace xlsnap::cli
