// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "cli/disk_spec.hpp"

namespace xlsnap::cli {

struct RewrittenLine {
    std::size_t number = 0;
    std::string before;
    std::string after;
};

struct RewrittenConfig {
    std::string text;
    std::vector<RewrittenLine> lines; // that differ
};

// The text of an xl.cfg, changed so that its disks have these images. Disks of the file that have
// none here stay, and so does every byte of the others; images of disks that the file does not have
// are ignored, but not all of them. What comes out was read by libxlutil again: it is the same but
// for path and format of the disks concerned, and for a back end that cannot serve the format.
//
// Throws std::runtime_error, which begins with "FILE:", for a text that xl does not take, and for
// what this does not understand.
[[nodiscard]] RewrittenConfig rewrite_config(const std::string &file_name, const std::string &text,
                                             const std::vector<DiskImage> &images);

} // namespace xlsnap::cli
