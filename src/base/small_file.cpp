// SPDX-License-Identifier: LGPL-2.1-only
#include "base/small_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/unique_fd.hpp"

namespace xlsnap {

namespace {

Result<std::optional<std::string>> unreadable(int errno_value, const std::string &name) {
    if (errno_value == ENOENT || errno_value == ESRCH || errno_value == ENODEV)
        return std::optional<std::string>();
    return fail(errno_error(errno_value, "cannot read " + name));
}

} // namespace

Result<std::optional<std::string>> read_small_file(int at, const std::string &name) {
    const UniqueFd fd(::openat(at, name.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd.valid())
        return unreadable(errno, name);
    // These files give their whole text to the first read.
    std::array<char, 4096> buffer{};
    const ssize_t count = ::read(fd.get(), buffer.data(), buffer.size());
    if (count < 0)
        return unreadable(errno, name);
    std::string text(buffer.data(), static_cast<std::size_t>(count));
    if (text.ends_with('\n'))
        text.pop_back();
    return std::optional<std::string>(std::move(text));
}

} // namespace xlsnap
