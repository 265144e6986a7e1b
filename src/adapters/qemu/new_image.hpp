// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/durable_directory.hpp"
#include "core/snapshot_record.hpp"

namespace xlsnap {

// The directory that a path leads to, opened, and the name there. Invalid when the path is not
// absolute or names no file.
struct OpenedPlace {
    DurableDirectory directory;
    std::string name;
};
[[nodiscard]] Result<OpenedPlace> open_place(const std::string &path);

// An image file that is filled under a temporary name beside its own, which it gets when it is
// whole. What is not published is removed.
class NewImage {
  public:
    // An empty file that only its owner may read. Invalid when something has the path already.
    static Result<NewImage> begin(const std::string &path);

    NewImage(const NewImage &) = delete;
    NewImage &operator=(const NewImage &) = delete;
    NewImage(NewImage &&other) noexcept
        : place_(std::move(other.place_)), temporary_(std::exchange(other.temporary_, {})),
          fd_(std::move(other.fd_)) {}
    NewImage &operator=(NewImage &&) = delete;
    ~NewImage();

    // What qemu-img is to fill.
    [[nodiscard]] std::string temporary_path() const;

    // Fills it, instead of qemu-img. Blocks of zeroes become holes.
    [[nodiscard]] Status write(std::string_view content) const;

    [[nodiscard]] std::string path() const { return place_.directory.path_of(place_.name); }

    // Fail, saying what is missing, when so much more does not fit beside it.
    [[nodiscard]] Status expect_space(std::uint64_t bytes) const;

    // Returns when the file and its name have reached the disk; Invalid when something has the
    // path meanwhile. After a failure there is no file.
    [[nodiscard]] Result<ImageMark> publish();

  private:
    NewImage(OpenedPlace place, std::string temporary, UniqueFd fd)
        : place_(std::move(place)), temporary_(std::move(temporary)), fd_(std::move(fd)) {}

    [[nodiscard]] Status give_name();

    OpenedPlace place_;
    std::string temporary_; // empty: it has its name, or is moved from
    UniqueFd fd_;
};

} // namespace xlsnap
