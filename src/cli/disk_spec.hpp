// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace xlsnap::cli {

// The image that a disk of a domain has: its format by libxl's name.
struct DiskImage {
    std::string vdev;
    std::string path;
    std::string format;
};

// A part of a text, and what takes its place.
struct TextChange {
    std::size_t begin = 0;
    std::size_t end = 0;
    std::string text;
};

// What to change of a disk specification (xl-disk-configuration(5)) that libxlutil takes, so that
// it names this image: path, format where it is said or must be, and "phy" or "tap" where the image
// needs QEMU. In the order of the text. Throws std::runtime_error for what cannot be said in this
// specification; whether the changed one means what it should is for the caller to look.
[[nodiscard]] std::vector<TextChange> changes_of_spec(std::string_view spec,
                                                      const DiskImage &image);

// The text with these changes, which are in its order.
[[nodiscard]] std::string with_changes(std::string_view text,
                                       const std::vector<TextChange> &changes);

} // namespace xlsnap::cli
