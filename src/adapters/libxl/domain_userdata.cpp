// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/libxl/domain_userdata.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>

#include <fmt/format.h>

namespace xlsnap {

namespace {

constexpr std::size_t kMostUserdataBytes = std::size_t{16} << 20;

// libxl__userdata_path in tools/libs/light/libxl_dom.c in xen.git; 'd' is the data, 'n' what
// becomes the data, 'l' a lock.
std::string userdata_name(char kind, const std::string &owner, const std::string &user) {
    return fmt::format("userdata-{}.{}.{}", kind, owner, user);
}

Result<std::string> read_whole(int file, const std::string &path) {
    std::string data;
    std::array<char, 65536> piece{};
    for (;;) {
        const ssize_t count = ::read(file, piece.data(), piece.size());
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return fail(errno_error(errno, "cannot read " + path));
        if (count == 0)
            return data;
        data.append(piece.data(), static_cast<std::size_t>(count));
        if (data.size() > kMostUserdataBytes)
            return fail(ErrorCode::Invalid, path + " is larger than 16 MiB, which no such file is");
    }
}

bool write_whole(int file, std::string_view data) {
    while (!data.empty()) {
        const ssize_t count = ::write(file, data.data(), data.size());
        if (count < 0 && errno != EINTR)
            return false;
        data.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    }
    return true;
}

} // namespace

Result<DomainUserdata> DomainUserdata::lock(const std::string &directory, DomainId domid,
                                            const std::string &uuid,
                                            std::chrono::milliseconds deadline,
                                            std::chrono::milliseconds poll_interval) {
    UniqueFd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd.valid())
        return fail(errno_error(errno, "cannot open libxl's directory " + directory));
    std::string owner = fmt::format("{}.{}", domid, uuid);
    const std::string name = userdata_name('l', owner, "domain-userdata-lock");
    XLSNAP_ASSIGN(UserdataLock lock,
                  UserdataLock::take(directory + "/" + name, deadline, poll_interval));
    return DomainUserdata(directory, std::move(fd), std::move(owner), std::move(lock));
}

std::string DomainUserdata::name_of(char kind, const std::string &user) const {
    return userdata_name(kind, owner_, user);
}

Error DomainUserdata::unwritable(const std::string &user) const {
    return errno_error(errno, fmt::format("cannot write {}/{}", path_, name_of('d', user)));
}

Result<std::optional<std::string>> DomainUserdata::read(const std::string &user) const {
    const std::string name = name_of('d', user);
    const std::string path = path_ + "/" + name;
    const UniqueFd file(::openat(directory_.get(), name.c_str(),
                                 O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    if (!file.valid() && errno == ENOENT)
        return std::optional<std::string>();
    struct stat status {};
    if (!file.valid() || ::fstat(file.get(), &status) != 0)
        return fail(errno_error(errno, "cannot read " + path));
    if (!S_ISREG(status.st_mode))
        return fail(ErrorCode::Invalid, path + " is no regular file, as libxl writes it");
    XLSNAP_ASSIGN(std::string data, read_whole(file.get(), path));
    return std::optional(std::move(data));
}

// As libxl__userdata_store does it, but that the file is a new one and reaches the disk before it
// gets the name: no crash leaves half of it.
Status DomainUserdata::write(const std::string &user, const std::string &data) const {
    const std::string fresh = name_of('n', user);
    if (Status written = write_new(fresh, data); !written) {
        ::unlinkat(directory_.get(), fresh.c_str(), 0);
        return written;
    }
    const std::string name = name_of('d', user);
    if (::renameat(directory_.get(), fresh.c_str(), directory_.get(), name.c_str()) != 0) {
        Error error = unwritable(user);
        ::unlinkat(directory_.get(), fresh.c_str(), 0);
        return fail(std::move(error));
    }
    return sync(user);
}

// Only who has the lock writes a file of this name: one that is there was left over by a process
// that died.
Status DomainUserdata::write_new(const std::string &name, const std::string &data) const {
    ::unlinkat(directory_.get(), name.c_str(), 0);
    const UniqueFd file(::openat(directory_.get(), name.c_str(),
                                 O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                                 S_IRUSR | S_IWUSR));
    if (!file.valid() || !write_whole(file.get(), data) || ::fsync(file.get()) != 0)
        return fail(errno_error(errno, fmt::format("cannot write {}/{}", path_, name)));
    return {};
}

Status DomainUserdata::remove(const std::string &user) const {
    const std::string name = name_of('d', user);
    if (::unlinkat(directory_.get(), name.c_str(), 0) != 0 && errno != ENOENT)
        return fail(errno_error(errno, fmt::format("cannot remove {}/{}", path_, name)));
    return sync(user);
}

Status DomainUserdata::sync(const std::string &user) const {
    if (::fsync(directory_.get()) != 0)
        return fail(unwritable(user));
    return {};
}

} // namespace xlsnap
