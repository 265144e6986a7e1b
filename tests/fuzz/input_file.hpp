// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>
#include <string_view>

#include <sys/mman.h>
#include <unistd.h>

#include "base/unique_fd.hpp"
#include "fuzz/fuzz_target.hpp"

namespace xlsnap::fuzz {

// The input as a file, for readers that open one. It lies in memory.
class InputFile {
  public:
    explicit InputFile(std::string_view content) : fd_(::memfd_create("input", MFD_CLOEXEC)) {
        while (!content.empty()) {
            const ssize_t count = ::write(fd_.get(), content.data(), content.size());
            expect(count > 0, "there is memory for a file");
            content.remove_prefix(static_cast<std::size_t>(count));
        }
    }

    [[nodiscard]] std::string path() const { return "/proc/self/fd/" + std::to_string(fd_.get()); }

  private:
    UniqueFd fd_;
};

} // namespace xlsnap::fuzz
