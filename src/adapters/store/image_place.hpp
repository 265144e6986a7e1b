// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <string>

#include "base/durable_directory.hpp"
#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace xlsnap {

// The path of a memory image as the directory to open and the name in it.
struct ImagePlace {
    std::string directory;
    std::string name;
};

// Invalid when the path is not absolute or names no file.
Result<ImagePlace> locate_image(const std::string &path);

// Invalid when anything has the name.
Status check_free(const DurableDirectory &directory, const std::string &name);

// Fail when the file system has less room than the `size` bytes that `path` takes.
Status check_space(const DurableDirectory &directory, const std::string &path, std::uint64_t size);

Result<struct stat> status_of(int fd, const std::string &path);
Result<std::uint64_t> file_size(int fd, const std::string &path);

// An image that is open for reading, and the directory that it lies in.
struct OpenedImage {
    DurableDirectory directory;
    std::string name;
    UniqueFd fd;
};

// NotFound when there is none; Invalid for anything but a regular file.
Result<OpenedImage> open_image(const std::string &path);

} // namespace xlsnap
