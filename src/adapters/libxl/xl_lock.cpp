// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/libxl/xl_lock.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <thread>

#include <fmt/format.h>

namespace xlsnap {

namespace {

struct flock whole_file(short type) {
    struct flock lock = {};
    lock.l_type = type;
    lock.l_whence = SEEK_SET;
    return lock;
}

// The pid is known of a process that locks as xl does.
std::string holder(int file) {
    struct flock lock = whole_file(F_WRLCK);
    if (::fcntl(file, F_OFD_GETLK, &lock) != 0 || lock.l_type == F_UNLCK || lock.l_pid <= 0)
        return "another process";
    return fmt::format("process {}", lock.l_pid);
}

} // namespace

// An open file description's lock keeps xl's out and is kept out by it, but holds between the
// threads of this process too, and does not end when another of its parts closes the file.
Result<std::unique_ptr<XlLock>> XlLock::take(const std::string &path,
                                             std::chrono::milliseconds deadline,
                                             std::chrono::milliseconds poll_interval) {
    UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, S_IWUSR));
    if (!file.valid())
        return fail(errno_error(errno, "cannot open xl's lock " + path));
    const auto end = std::chrono::steady_clock::now() + deadline;
    for (;;) {
        struct flock lock = whole_file(F_WRLCK);
        if (::fcntl(file.get(), F_OFD_SETLK, &lock) == 0)
            return std::make_unique<XlLock>(std::move(file));
        if (errno != EAGAIN && errno != EACCES && errno != EINTR)
            return fail(errno_error(errno, "cannot take xl's lock " + path));
        if (std::chrono::steady_clock::now() >= end)
            return fail(ErrorCode::NotReady,
                        fmt::format("{} is starting a domain and holds xl's lock {}; try again "
                                    "when that is done",
                                    holder(file.get()), path));
        std::this_thread::sleep_for(poll_interval);
    }
}

// Said, not left to the close: a child that libxl has forked may have the file open still.
XlLock::~XlLock() {
    struct flock lock = whole_file(F_UNLCK);
    ::fcntl(file_.get(), F_OFD_SETLK, &lock);
}

} // namespace xlsnap
