// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstdio>
#include <string>

namespace xlsnap::cli {

// What libxlutil complains of, as a line. It may hold text of the file.
class Complaints {
  public:
    // Throws std::bad_alloc.
    Complaints();
    Complaints(const Complaints &) = delete;
    Complaints &operator=(const Complaints &) = delete;
    Complaints(Complaints &&) = delete;
    Complaints &operator=(Complaints &&) = delete;
    ~Complaints();

    [[nodiscard]] std::FILE *stream() const { return stream_; }

    [[nodiscard]] std::string first_line() const;

  private:
    char *text_ = nullptr;
    std::size_t size_ = 0;
    std::FILE *stream_;
};

} // namespace xlsnap::cli
