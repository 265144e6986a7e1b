// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "cli/screen.hpp"

namespace xlsnap::cli {

// How far something is.
struct Progress {
    std::uint64_t done = 0;
    std::uint64_t total = 0; // 0: not known
    std::chrono::duration<double> elapsed{};
};

// "WHAT: 1.2 GiB of 4 GiB, 30 %, 210 MiB/s, 0:13 left", without a newline; what is not known is
// left out. Cut to one column less than the screen has, so that the cursor stays in the line.
[[nodiscard]] std::string progress_line(std::string_view what, const Progress &progress,
                                        const Screen &screen);

// Bytes of the memory image `name` that is being written in a directory, of the file
// .NAME.RANDOM.tmp there (docs/memory-image.md) that was written to at `since` or later: what a
// crash left is older. Without a name, of any that the catalog names. Of several the largest; 0
// when there is none.
[[nodiscard]] std::uint64_t growing_image_size(const std::string &directory,
                                               const std::string &name, std::time_t since);

// Shows on a terminal, four times a second, how far something is, from its construction to its end;
// then the line is empty again. Nothing at all when the file is no terminal. A thread does it,
// which writes to the file and calls `done`, and nothing else.
class ProgressDisplay {
  public:
    ProgressDisplay(std::string what, std::function<std::uint64_t()> done, std::uint64_t total,
                    int fd = STDERR_FILENO);
    ProgressDisplay(const ProgressDisplay &) = delete;
    ProgressDisplay &operator=(const ProgressDisplay &) = delete;
    ProgressDisplay(ProgressDisplay &&) = delete;
    ProgressDisplay &operator=(ProgressDisplay &&) = delete;
    ~ProgressDisplay();

  private:
    void show_until_stopped();
    void replace_line(const std::string &line);

    std::string what_;
    std::function<std::uint64_t()> done_;
    std::uint64_t total_;
    int fd_;
    Screen screen_;
    std::size_t columns_shown_ = 0;
    std::mutex mutex_;
    std::condition_variable stopped_;
    bool stop_ = false;
    std::thread thread_;
};

// The same for the memory image of a snapshot that is being created while the object lives: where
// it is, as above, and `total`, the guest's memory.
class ImageProgress {
  public:
    ImageProgress(const std::string &directory, const std::string &name, std::uint64_t total,
                  int fd = STDERR_FILENO);

  private:
    ProgressDisplay display_;
};

} // namespace xlsnap::cli
