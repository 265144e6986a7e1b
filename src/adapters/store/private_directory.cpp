// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/store/private_directory.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include <fmt/format.h>

namespace xlsnap {

namespace {

constexpr mode_t kOwnersDirectory = S_IRWXU;

Status check_private(int fd, const std::string &path) {
    struct stat status {};
    if (::fstat(fd, &status) != 0)
        return fail(errno_error(errno, fmt::format("cannot examine {}", path)));
    if (status.st_uid != ::geteuid() || (status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return fail(ErrorCode::Invalid,
                    fmt::format("the directory {} is not this user's alone; give it to this user "
                                "(chown) and take the right to write from others (chmod go-w)",
                                path));
    return {};
}

} // namespace

Result<std::optional<DurableDirectory>> open_private(const DurableDirectory &parent,
                                                     const std::string &name) {
    const std::string path = parent.path_of(name);
    UniqueFd fd(
        ::openat(parent.fd(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!fd.valid() && errno == ENOENT)
        return std::optional<DurableDirectory>();
    if (!fd.valid() && (errno == ENOTDIR || errno == ELOOP))
        return fail(ErrorCode::Invalid,
                    fmt::format("{} is a symbolic link or no directory; put a directory of this "
                                "user's there",
                                path));
    if (!fd.valid())
        return fail(errno_error(errno, fmt::format("cannot open the directory {}", path)));
    XLSNAP_TRY(check_private(fd.get(), path));
    return std::optional<DurableDirectory>(std::in_place, path, std::move(fd));
}

Result<DurableDirectory> make_private(const DurableDirectory &parent, const std::string &name) {
    const std::string path = parent.path_of(name);
    // The umask may have taken our own rights away too, which opening needs.
    const bool made = ::mkdirat(parent.fd(), name.c_str(), kOwnersDirectory) == 0;
    if (!made && errno != EEXIST)
        return fail(errno_error(errno, fmt::format("cannot make the directory {}", path)));
    if (made && ::fchmodat(parent.fd(), name.c_str(), kOwnersDirectory, 0) != 0)
        return fail(errno_error(errno, fmt::format("cannot protect the directory {}", path)));
    XLSNAP_ASSIGN(std::optional<DurableDirectory> directory, open_private(parent, name));
    if (!directory)
        return fail(ErrorCode::NotFound,
                    fmt::format("the directory {} was removed just now; try again", path));
    if (made)
        XLSNAP_TRY(parent.sync());
    return std::move(*directory);
}

} // namespace xlsnap
