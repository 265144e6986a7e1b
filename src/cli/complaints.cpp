// SPDX-License-Identifier: LGPL-2.1-only
#include "cli/complaints.hpp"

#include <cstdlib>
#include <new>
#include <string_view>

#include "cli/screen.hpp"

namespace xlsnap::cli {

Complaints::Complaints() : stream_(::open_memstream(&text_, &size_)) {
    if (stream_ == nullptr)
        throw std::bad_alloc();
}

Complaints::~Complaints() {
    static_cast<void>(std::fclose(stream_));
    std::free(text_);
}

std::string Complaints::first_line() const {
    static_cast<void>(std::fflush(stream_));
    const std::string_view all(text_, size_);
    return printable(all.substr(0, all.find('\n')), {});
}

} // namespace xlsnap::cli
