// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/posix/watch_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "base/small_file.hpp"

namespace xlsnap {

namespace {

Result<UniqueFd> open_folder(const std::string &path) {
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
        return fail(errno_error(errno, "cannot make " + path));
    UniqueFd folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    struct stat info = {};
    if (!folder.valid() || ::fstat(folder.get(), &info) != 0)
        return fail(errno_error(errno, "cannot open " + path));
    if (info.st_uid != ::geteuid() || (info.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return fail(ErrorCode::Invalid,
                    path + " is not this user's alone; remove it and try again");
    return folder;
}

// Whether the name still leads to the locked file: its holder may have removed it meanwhile.
bool is_current(int folder, const std::string &name, int file) {
    struct stat named = {};
    struct stat opened = {};
    return ::fstatat(folder, name.c_str(), &named, AT_SYMLINK_NOFOLLOW) == 0 &&
           ::fstat(file, &opened) == 0 && named.st_dev == opened.st_dev &&
           named.st_ino == opened.st_ino;
}

std::optional<DomainId> parse_domid(const std::optional<std::string> &text) {
    DomainId domid = 0;
    if (!text)
        return std::nullopt;
    const char *end = text->data() + text->size();
    const auto parsed = std::from_chars(text->data(), end, domid);
    return parsed.ec == std::errc() && parsed.ptr == end ? std::optional(domid) : std::nullopt;
}

} // namespace

Result<WatchLock::Attempt> WatchLock::try_lock(const std::string &folder, const std::string &uuid,
                                               DomainId domid) {
    XLSNAP_ASSIGN(UniqueFd opened, open_folder(folder));
    const std::string name = uuid + ".watch";
    for (;;) {
        UniqueFd file(
            ::openat(opened.get(), name.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
        if (!file.valid())
            return fail(errno_error(errno, fmt::format("cannot open {}/{}", folder, name)));
        if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
            if (errno != EWOULDBLOCK)
                return fail(errno_error(errno, fmt::format("cannot lock {}/{}", folder, name)));
            XLSNAP_ASSIGN(const auto text, read_small_file(opened.get(), name));
            return Attempt{nullptr, parse_domid(text)};
        }
        if (!is_current(opened.get(), name, file.get()))
            continue;
        std::unique_ptr<WatchLock> lock(new WatchLock(std::move(opened), name, std::move(file)));
        XLSNAP_TRY(lock->follow(domid));
        return Attempt{std::move(lock), domid};
    }
}

WatchLock::WatchLock(UniqueFd folder, std::string name, UniqueFd file)
    : folder_(std::move(folder)), name_(std::move(name)), file_(std::move(file)) {}

WatchLock::~WatchLock() {
    ::unlinkat(folder_.get(), name_.c_str(), 0);
}

// One write, and longer than any domid that was there: no reader sees a part of two.
Status WatchLock::follow(DomainId domid) {
    const std::string text = fmt::format("{:010}\n", domid);
    if (::pwrite(file_.get(), text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()))
        return fail(errno_error(errno, "cannot write down which domain is watched"));
    return {};
}

} // namespace xlsnap
