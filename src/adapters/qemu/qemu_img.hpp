// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "ports/process_runner.hpp"

namespace xlsnap {

struct QemuImgDeadlines {
    std::chrono::milliseconds query = std::chrono::minutes(1);
    std::chrono::milliseconds change = std::chrono::minutes(30); // a big image's tables, slow disks
    std::chrono::milliseconds copy = std::chrono::hours(24);     // as much data as a disk holds
};

// Runs the qemu-img on PATH. What it prints is returned; when it fails, the message says
// "qemu-img ACTION of IMAGE failed" and quotes it, unless there is no qemu-img: that has nothing to
// do with the image.
[[nodiscard]] Result<std::string> run_qemu_img(ProcessRunner &processes,
                                               const std::vector<std::string> &arguments,
                                               const std::string &image,
                                               std::chrono::milliseconds deadline);

} // namespace xlsnap
