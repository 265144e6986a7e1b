// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/store/catalog_file_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <utility>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "adapters/store/directory_listing.hpp"
#include "adapters/store/process_identity.hpp"

namespace xlsnap {

namespace {

constexpr const char *kLockFile = "lock";
constexpr mode_t kOwnersFile = S_IRUSR | S_IWUSR;

// Whether the name still leads to the locked file: its holder may have removed it meanwhile.
bool is_current_lock(int directory, int file) {
    struct stat named {};
    struct stat opened {};
    return ::fstatat(directory, kLockFile, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
           ::fstat(file, &opened) == 0 && named.st_dev == opened.st_dev &&
           named.st_ino == opened.st_ino;
}

// The holder writes its name down just after it got the lock, so what stands there may be that of
// one who had it before.
std::string holder_of(int file) {
    std::array<char, 1024> text{};
    const ssize_t count = ::pread(file, text.data(), text.size(), 0);
    const auto owner =
        lock_owner({text.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0))});
    if (!owner || !is_alive(owner->process))
        return "another process";
    return fmt::format("process {} ({}), since {:%F %T} UTC,", owner->process.pid,
                       owner->process.program, fmt::gmtime(static_cast<std::time_t>(owner->since)));
}

} // namespace

Result<CatalogFileLock::Attempt> CatalogFileLock::try_lock(DurableDirectory root,
                                                           const std::string &name,
                                                           DurableDirectory directory) {
    UniqueFd file(::openat(directory.fd(), kLockFile,
                           O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
                           kOwnersFile));
    const std::string path = directory.path_of(kLockFile);
    if (!file.valid() && errno == ENOENT)
        return Attempt();
    if (!file.valid())
        return fail(errno_error(errno, fmt::format("cannot open {}", path)));
    if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK)
            return fail(errno_error(errno, fmt::format("cannot lock {}", path)));
        return Attempt{nullptr, holder_of(file.get())};
    }
    if (!is_current_lock(directory.fd(), file.get()))
        return Attempt();
    std::unique_ptr<CatalogFileLock> lock(
        new CatalogFileLock(std::move(root), name, std::move(directory), std::move(file)));
    lock->sign();
    return Attempt{std::move(lock), {}};
}

CatalogFileLock::CatalogFileLock(DurableDirectory root, std::string name,
                                 DurableDirectory directory, UniqueFd file)
    : root_(std::move(root)), name_(std::move(name)), directory_(std::move(directory)),
      file_(std::move(file)) {}

CatalogFileLock::~CatalogFileLock() {
    // Whoever waits for the file notices when it is removed. One that stays says nothing false.
    static_cast<void>(::ftruncate(file_.get(), 0) == 0);
    static_cast<void>(remove_when_empty(root_, name_, directory_, kLockFile));
}

// Only those who wait read it. It needs room on the file system, and where there is none, what
// makes room needs the lock.
void CatalogFileLock::sign() {
    const Result<ProcessIdentity> process = this_process();
    if (!process)
        return;
    const std::string line = to_line({*process, static_cast<std::uint64_t>(std::time(nullptr))});
    static_cast<void>(::fchmod(file_.get(), kOwnersFile) == 0 && ::ftruncate(file_.get(), 0) == 0 &&
                      ::pwrite(file_.get(), line.data(), line.size(), 0) > 0);
}

} // namespace xlsnap
