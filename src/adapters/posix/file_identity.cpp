// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/posix/file_identity.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

namespace xlsnap {

namespace {

std::optional<FileIdentity> to_identity(const struct statx &status) {
    if (S_ISBLK(status.stx_mode))
        return FileIdentity{true, status.stx_rdev_major, status.stx_rdev_minor, 0};
    if (S_ISREG(status.stx_mode))
        return FileIdentity{false, status.stx_dev_major, status.stx_dev_minor, status.stx_ino};
    return std::nullopt;
}

} // namespace

Result<FileIdentity> identify_image(const std::string &path) {
    struct statx status {};
    if (::statx(AT_FDCWD, path.c_str(), 0, STATX_TYPE | STATX_INO, &status) != 0)
        return fail(errno_error(errno, "cannot examine " + path));
    const std::optional<FileIdentity> identity = to_identity(status);
    if (!identity)
        return fail(ErrorCode::Invalid, path + " is neither a regular file nor a block device");
    return *identity;
}

Result<std::optional<FileIdentity>> identify_at(int directory, const char *name) {
    struct statx status {};
    if (::statx(directory, name, AT_STATX_DONT_SYNC, STATX_TYPE | STATX_INO, &status) == 0)
        return to_identity(status);
    if (errno == EACCES || errno == EPERM)
        return fail(errno_error(errno, "not allowed to look"));
    return std::optional<FileIdentity>();
}

} // namespace xlsnap
