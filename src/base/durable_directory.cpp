// SPDX-License-Identifier: LGPL-2.1-only
#include "base/durable_directory.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

#include <fmt/format.h>

#include "base/temporary_file.hpp"

namespace xlsnap {

namespace {

constexpr mode_t kOwnerOnly = S_IRUSR | S_IWUSR;

Status check_regular(const struct stat &status, const std::string &path) {
    if (S_ISREG(status.st_mode))
        return {};
    if (S_ISLNK(status.st_mode))
        return fail(ErrorCode::Invalid,
                    fmt::format("{} is a symbolic link; give the path of the file itself", path));
    return fail(ErrorCode::Invalid,
                fmt::format("{} is not a regular file; give the path of one", path));
}

} // namespace

std::uint64_t free_space_of(const struct statvfs &status) {
    if (status.f_blocks == 0)
        return UINT64_MAX;
    return static_cast<std::uint64_t>(status.f_bavail) * status.f_frsize;
}

Result<DurableDirectory> DurableDirectory::open(const std::string &path) {
    UniqueFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd.valid() && errno == ENOENT)
        return fail(ErrorCode::NotFound,
                    fmt::format("there is no directory {}; make it, or name another", path));
    if (!fd.valid())
        return fail(errno_error(errno, fmt::format("cannot open the directory {}", path)));
    return DurableDirectory(path, std::move(fd));
}

DurableDirectory::DurableDirectory(std::string path, UniqueFd fd)
    : path_(std::move(path)), fd_(std::move(fd)) {}

std::string DurableDirectory::path_of(const std::string &name) const {
    return path_.ends_with('/') ? path_ + name : fmt::format("{}/{}", path_, name);
}

Status DurableDirectory::check_writable() const {
    if (::faccessat(fd_.get(), ".", W_OK | X_OK, AT_EACCESS) == 0)
        return {};
    return fail(ErrorCode::Invalid,
                fmt::format("no file can be made in {} ({}); choose another place", path_,
                            std::system_category().message(errno)));
}

Result<std::uint64_t> DurableDirectory::free_space() const {
    struct statvfs status {};
    if (::fstatvfs(fd_.get(), &status) != 0)
        return fail(errno_error(errno, fmt::format("cannot examine the file system of {}", path_)));
    return free_space_of(status);
}

Result<UniqueFd> DurableDirectory::create_file(const std::string &name) const {
    UniqueFd fd(::openat(fd_.get(), name.c_str(),
                         O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, kOwnerOnly));
    if (!fd.valid())
        return fail(errno_error(errno, fmt::format("cannot create {}", path_of(name))));
    if (::fchmod(fd.get(), kOwnerOnly) != 0) {
        Error error = errno_error(errno, fmt::format("cannot protect {}", path_of(name)));
        ::unlinkat(fd_.get(), name.c_str(), 0);
        return fail(std::move(error));
    }
    return fd;
}

// Where the file system knows no O_TMPFILE (NFS), a name is there for a moment.
Result<UniqueFd> DurableDirectory::create_nameless_file() const {
    UniqueFd fd(::openat(fd_.get(), ".", O_RDWR | O_TMPFILE | O_CLOEXEC, kOwnerOnly));
    if (fd.valid())
        return fd;
    if (errno != EOPNOTSUPP && errno != EISDIR)
        return fail(errno_error(errno, fmt::format("cannot create a file in {}", path_)));
    XLSNAP_ASSIGN(const std::string name, temporary_name("nameless"));
    XLSNAP_ASSIGN(fd, create_file(name));
    XLSNAP_TRY(remove(name));
    return fd;
}

Result<UniqueFd> DurableDirectory::open_file(const std::string &name) const {
    // The first look keeps us from opening a device, which may have effects of its own; the second
    // is the one that counts.
    XLSNAP_ASSIGN(const struct stat before, look_at(name));
    XLSNAP_TRY(check_regular(before, path_of(name)));
    UniqueFd fd(::openat(fd_.get(), name.c_str(),
                         O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    if (!fd.valid())
        return fail(errno_error(errno, fmt::format("cannot open {}", path_of(name))));
    struct stat opened {};
    if (::fstat(fd.get(), &opened) != 0 || ::fcntl(fd.get(), F_SETFL, 0) != 0)
        return fail(errno_error(errno, fmt::format("cannot examine {}", path_of(name))));
    XLSNAP_TRY(check_regular(opened, path_of(name)));
    return fd;
}

Result<bool> DurableDirectory::exists(const std::string &name) const {
    Result<struct stat> status = look_at(name);
    if (status)
        return true;
    if (status.error().code == ErrorCode::NotFound)
        return false;
    return fail(std::move(status.error()));
}

Result<struct stat> DurableDirectory::look_at(const std::string &name) const {
    struct stat status {};
    if (::fstatat(fd_.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0)
        return fail(errno_error(errno, fmt::format("cannot examine {}", path_of(name))));
    return status;
}

Status DurableDirectory::rename_to_free_name(const std::string &from, const std::string &to) const {
    const int dir = fd_.get();
    int result = ::renameat2(dir, from.c_str(), dir, to.c_str(), RENAME_NOREPLACE);
    if (result != 0 && (errno == EINVAL || errno == ENOSYS)) {
        result = ::linkat(dir, from.c_str(), dir, to.c_str(), 0);
        if (result == 0 && ::unlinkat(dir, from.c_str(), 0) != 0) {
            Error error = errno_error(errno, fmt::format("cannot remove {}", path_of(from)));
            ::unlinkat(dir, to.c_str(), 0);
            return fail(std::move(error));
        }
    }
    if (result != 0)
        return fail(
            errno_error(errno, fmt::format("cannot rename {} to {}", path_of(from), path_of(to))));
    return {};
}

Status DurableDirectory::rename_over(const std::string &from, const std::string &to) const {
    if (::renameat(fd_.get(), from.c_str(), fd_.get(), to.c_str()) != 0)
        return fail(
            errno_error(errno, fmt::format("cannot rename {} to {}", path_of(from), path_of(to))));
    return {};
}

Status DurableDirectory::remove(const std::string &name) const {
    if (::unlinkat(fd_.get(), name.c_str(), 0) != 0)
        return fail(errno_error(errno, fmt::format("cannot remove {}", path_of(name))));
    return {};
}

Status DurableDirectory::sync() const {
    return sync_file(fd_.get(), path_);
}

Status sync_file(int fd, const std::string &path) {
    while (::fsync(fd) != 0) {
        if (errno != EINTR)
            return fail(errno_error(errno, fmt::format("cannot write {} to the disk", path)));
    }
    return {};
}

} // namespace xlsnap
