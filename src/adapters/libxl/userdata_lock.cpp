// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/libxl/userdata_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <thread>

#include <fmt/format.h>

namespace xlsnap {

namespace {

Error unlockable(const std::string &path) {
    return errno_error(errno, "cannot lock libxl's " + path);
}

// False when another process holds it now.
Result<bool> try_flock(int file, const std::string &path) {
    if (::flock(file, LOCK_EX | LOCK_NB) == 0)
        return true;
    if (errno == EWOULDBLOCK || errno == EINTR)
        return false;
    return fail(unlockable(path));
}

// Who unlocks removes the file. Whoever waited for it then has locked a file that nobody else will
// ever open.
Result<bool> still_has_its_name(int file, const std::string &path) {
    struct stat locked {};
    struct stat named {};
    if (::fstat(file, &locked) != 0)
        return fail(unlockable(path));
    if (::lstat(path.c_str(), &named) == 0)
        return locked.st_dev == named.st_dev && locked.st_ino == named.st_ino;
    if (errno == ENOENT)
        return false;
    return fail(unlockable(path));
}

// An invalid one when another process holds it now.
Result<UniqueFd> try_once(const std::string &path) {
    for (;;) {
        UniqueFd file(
            ::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR));
        if (!file.valid())
            return fail(unlockable(path));
        XLSNAP_ASSIGN(const bool locked, try_flock(file.get(), path));
        if (!locked)
            return UniqueFd();
        XLSNAP_ASSIGN(const bool ours, still_has_its_name(file.get(), path));
        if (ours)
            return file;
    }
}

} // namespace

// It is opened for each try: while another process holds it the file is replaced.
Result<UserdataLock> UserdataLock::take(const std::string &path, std::chrono::milliseconds deadline,
                                        std::chrono::milliseconds poll_interval) {
    const auto end = std::chrono::steady_clock::now() + deadline;
    for (;;) {
        XLSNAP_ASSIGN(UniqueFd file, try_once(path));
        if (file.valid())
            return UserdataLock(path, std::move(file));
        if (std::chrono::steady_clock::now() >= end)
            return fail(ErrorCode::NotReady,
                        fmt::format("another process holds libxl's lock {0} (fuser {0} names it); "
                                    "try again when it is done",
                                    path));
        std::this_thread::sleep_for(poll_interval);
    }
}

// The name goes first: else another process could lock the file between the two and lose it
// (libxl__unlock_file). The unlocking is said, not left to the close, since a child that libxl has
// forked may have the file open still.
UserdataLock::~UserdataLock() {
    if (!file_.valid())
        return;
    ::unlink(path_.c_str());
    ::flock(file_.get(), LOCK_UN);
}

} // namespace xlsnap
