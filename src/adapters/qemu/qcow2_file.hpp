// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace xlsnap {

// A regular file or block device, open for reading, as a qcow2 image lies in it. Nothing in it is
// trusted: whatever is read or counted is checked against its size first. Errors are Invalid and
// name `what` and where it should be, not the path.
class Qcow2File {
  public:
    // NotFound when there is none. The errors of this one name the path.
    static Result<Qcow2File> open(const std::string &path);

    // Reads exactly out.size() bytes of `what`.
    [[nodiscard]] Status read(std::uint64_t offset, std::span<std::byte> out,
                              std::string_view what) const;

    [[nodiscard]] Status expect_inside(std::uint64_t offset, std::uint64_t length,
                                       std::string_view what) const;

  private:
    Qcow2File(UniqueFd fd, std::uint64_t size) : fd_(std::move(fd)), size_(size) {}

    UniqueFd fd_;
    std::uint64_t size_;
};

} // namespace xlsnap
