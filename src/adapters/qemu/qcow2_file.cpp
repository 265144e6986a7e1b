// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/qemu/qcow2_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include <fmt/format.h>

namespace xlsnap {

Result<Qcow2File> Qcow2File::open(const std::string &path) {
    UniqueFd fd(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
    struct stat status {};
    if (!fd.valid() || ::fstat(fd.get(), &status) != 0)
        return fail(errno_error(errno, fmt::format("cannot read the image {}", path)));
    if (!S_ISREG(status.st_mode) && !S_ISBLK(status.st_mode))
        return fail(
            ErrorCode::Invalid,
            fmt::format("{} is neither a file nor a block device; no disk lies there", path));
    const off_t end = ::lseek(fd.get(), 0, SEEK_END); // of a block device too
    if (end < 0)
        return fail(errno_error(errno, fmt::format("cannot learn the size of {}", path)));
    return Qcow2File(std::move(fd), static_cast<std::uint64_t>(end));
}

Status Qcow2File::read(std::uint64_t offset, std::span<std::byte> out,
                       std::string_view what) const {
    XLSNAP_TRY(expect_inside(offset, out.size(), what));
    while (!out.empty()) {
        const ssize_t count =
            ::pread(fd_.get(), out.data(), out.size(), static_cast<off_t>(offset));
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return fail(errno_error(errno, fmt::format("cannot read {} at byte {}", what, offset)));
        if (count == 0)
            return fail(ErrorCode::Invalid,
                        fmt::format("the image became shorter while {} was read; if it is in use, "
                                    "try again",
                                    what));
        out = out.subspan(static_cast<std::size_t>(count));
        offset += static_cast<std::uint64_t>(count);
    }
    return {};
}

Status Qcow2File::expect_inside(std::uint64_t offset, std::uint64_t length,
                                std::string_view what) const {
    if (length <= size_ && offset <= size_ - length)
        return {};
    return fail(ErrorCode::Invalid,
                fmt::format("{} of {} bytes at byte {} does not lie in the image of {} bytes; look "
                            "at it with qemu-img check",
                            what, length, offset, size_));
}

} // namespace xlsnap
