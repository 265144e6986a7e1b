// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/qemu/image_mark.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include <cerrno>

#include <fmt/format.h>

#include "base/unique_fd.hpp"

namespace xlsnap {

namespace {

constexpr std::uint64_t kNanoseconds = 1'000'000'000;

Result<std::uint64_t> device_bytes(int fd, const std::string &path) {
    std::uint64_t bytes = 0;
    if (::ioctl(fd, BLKGETSIZE64, &bytes) != 0)
        return fail(errno_error(errno, fmt::format("cannot learn the size of {}", path)));
    return bytes;
}

} // namespace

Result<ImageMark> mark_of(const std::string &path) {
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
    struct stat status {};
    if (!fd.valid() || ::fstat(fd.get(), &status) != 0)
        return fail(errno_error(errno, fmt::format("cannot look at the image {}", path)));
    ImageMark mark;
    if (S_ISREG(status.st_mode)) {
        mark.device = status.st_dev;
        mark.inode = status.st_ino;
        mark.bytes = static_cast<std::uint64_t>(status.st_size);
        if (status.st_mtim.tv_sec >= 0)
            mark.changed_ns = static_cast<std::uint64_t>(status.st_mtim.tv_sec) * kNanoseconds +
                              static_cast<std::uint64_t>(status.st_mtim.tv_nsec);
        return mark;
    }
    if (!S_ISBLK(status.st_mode))
        return fail(
            ErrorCode::Invalid,
            fmt::format("{} is neither a file nor a block device; no disk lies there", path));
    mark.device = status.st_rdev;
    XLSNAP_ASSIGN(mark.bytes, device_bytes(fd.get(), path));
    return mark;
}

} // namespace xlsnap
