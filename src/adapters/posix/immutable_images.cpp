// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/posix/immutable_images.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include <fmt/format.h>

#include "base/durable_directory.hpp"
#include "base/unique_fd.hpp"

namespace xlsnap {

namespace {

Status check_kind(const struct stat &status, const std::string &path) {
    if (S_ISREG(status.st_mode))
        return {};
    if (S_ISBLK(status.st_mode))
        return fail(ErrorCode::NotImplemented,
                    fmt::format("{} is a block device, which cannot be made immutable: see to it "
                                "that no domain is started with it",
                                path));
    return fail(ErrorCode::Invalid,
                fmt::format("{} is neither a file nor a block device; no disk lies there", path));
}

// The first look keeps us from opening a device, which may have effects of its own.
Result<UniqueFd> open_image(const std::string &path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0)
        return fail(errno_error(errno, fmt::format("cannot look at the image {}", path)));
    XLSNAP_TRY(check_kind(status, path));
    UniqueFd fd(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
    if (!fd.valid() || ::fstat(fd.get(), &status) != 0)
        return fail(errno_error(errno, fmt::format("cannot open the image {}", path)));
    XLSNAP_TRY(check_kind(status, path));
    return fd;
}

tl::unexpected<Error> no_flags(int errno_value, const std::string &path) {
    if (errno_value == ENOTTY || errno_value == EOPNOTSUPP || errno_value == ENOSYS ||
        errno_value == EINVAL)
        return fail(ErrorCode::NotImplemented,
                    fmt::format("the file system of {} cannot make files immutable: see to it that "
                                "no domain is started with it",
                                path));
    return fail(errno_error(errno_value, fmt::format("cannot make {} immutable, or change that "
                                                     "(root can)",
                                                     path)));
}

Result<int> flags_of(const UniqueFd &fd, const std::string &path) {
    int flags = 0;
    if (::ioctl(fd.get(), FS_IOC_GETFLAGS, &flags) != 0)
        return no_flags(errno, path);
    return flags;
}

Status set_flags(const UniqueFd &fd, int flags, const std::string &path) {
    if (::ioctl(fd.get(), FS_IOC_SETFLAGS, &flags) != 0)
        return no_flags(errno, path);
    return {};
}

} // namespace

Result<bool> ImmutableImages::keep(const std::string &path) {
    XLSNAP_ASSIGN(const UniqueFd fd, open_image(path));
    XLSNAP_ASSIGN(const int flags, flags_of(fd, path));
    if ((flags & FS_IMMUTABLE_FL) != 0)
        return false;
    XLSNAP_TRY(set_flags(fd, flags | FS_IMMUTABLE_FL, path));
    if (Status synced = sync_file(fd.get(), path); !synced) {
        XLSNAP_TRY(set_flags(fd, flags, path));
        return fail(std::move(synced.error()));
    }
    return true;
}

Status ImmutableImages::release(const std::string &path) {
    XLSNAP_ASSIGN(const UniqueFd fd, open_image(path));
    XLSNAP_ASSIGN(const int flags, flags_of(fd, path));
    if ((flags & FS_IMMUTABLE_FL) == 0)
        return {};
    XLSNAP_TRY(set_flags(fd, flags & ~FS_IMMUTABLE_FL, path));
    return sync_file(fd.get(), path);
}

Result<bool> ImmutableImages::is_kept(const std::string &path) {
    XLSNAP_ASSIGN(const UniqueFd fd, open_image(path));
    XLSNAP_ASSIGN(const int flags, flags_of(fd, path));
    return (flags & FS_IMMUTABLE_FL) != 0;
}

} // namespace xlsnap
